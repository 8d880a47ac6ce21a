#include "config/yaml_tree.hpp"

#include <algorithm>
#include <new>

#include <yaml.h>

#include "base/limits.hpp"

namespace tollgate::config {
namespace {

Mark mark_of(const yaml_mark_t& mark) {
  return {static_cast<uint32_t>(mark.line + 1), static_cast<uint32_t>(mark.column + 1)};
}

std::string_view text_of(const yaml_char_t* text, size_t size) {
  return {reinterpret_cast<const char*>(text), size};
}

struct Event {
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&raw); }

  yaml_event_t raw{};
};

/// What can stand in a document's node, taken out of the event's union.
struct NodeEvent {
  NodeKind kind = NodeKind::kScalar;
  bool anchored = false;
  bool tagged = false;
  bool alias = false;
};

/// Builds a Tree from libyaml's events, with the open collections on a stack of its own.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, Report& report) : text_(text), report_(report) {
    // libyaml skips a byte order mark only where it may guess the encoding.
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  }
  TreeBuilder(const TreeBuilder&) = delete;
  TreeBuilder& operator=(const TreeBuilder&) = delete;
  ~TreeBuilder() {
    if (started_) yaml_parser_delete(&parser_);
  }

  Tree run() {
    if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
    started_ = true;
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    // libyaml ends the process at a null pointer, which an empty view may well have.
    const char* const begin = text_.empty() ? "" : text_.data();
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(begin),
                                 text_.size());
    while (step()) {
    }
    // What a fault cut off may lack the value of its last key: readers must not see it.
    if (!open_.empty()) tree_.roots.pop_back();
    return std::move(tree_);
  }

 private:
  struct Open {
    uint32_t node;
    uint32_t last_child = kNoNode;
    size_t children = 0;
    uint32_t key = kNoNode;  ///< Of a mapping: the key whose value comes next.
  };

  bool step() {
    Event event;
    if (yaml_parser_parse(&parser_, &event.raw) == 0) return refuse_syntax();
    switch (event.raw.type) {
      case YAML_STREAM_END_EVENT:
        tree_.complete = true;
        return false;
      case YAML_SCALAR_EVENT: {
        const auto& scalar = event.raw.data.scalar;
        const bool tagged = scalar.tag != nullptr;
        return add({NodeKind::kScalar, scalar.anchor != nullptr, tagged, false}, event.raw,
                   text_of(scalar.value, scalar.length));
      }
      case YAML_ALIAS_EVENT:
        return add({NodeKind::kFaulty, false, false, true}, event.raw, {});
      case YAML_SEQUENCE_START_EVENT: {
        const auto& sequence = event.raw.data.sequence_start;
        return add({NodeKind::kSequence, sequence.anchor != nullptr, sequence.tag != nullptr},
                   event.raw, {});
      }
      case YAML_MAPPING_START_EVENT: {
        const auto& mapping = event.raw.data.mapping_start;
        return add({NodeKind::kMapping, mapping.anchor != nullptr, mapping.tag != nullptr},
                   event.raw, {});
      }
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        open_.pop_back();
        return true;
      default:
        return true;
    }
  }

  bool add(NodeEvent what, const yaml_event_t& event, std::string_view text) {
    const Mark mark = mark_of(event.start_mark);
    if (tree_.nodes.size() >= limits::kConfigNodesMax) {
      return stop({mark, path()}, "too many values in one configuration");
    }
    const bool collection = what.kind != NodeKind::kScalar && !what.alias;
    if (collection && open_.size() >= limits::kConfigDepthMax) {
      return stop({mark, path()}, "nested too deeply");
    }
    Node node;
    node.kind = what.kind;
    node.mark = mark;
    node.plain =
        event.type == YAML_SCALAR_EVENT && event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node.text = text;
    // An empty document is one plain empty scalar; it says nothing, so it has no root.
    if (open_.empty() && node.plain && text.empty() && !what.anchored && !what.tagged) return true;
    report_unwanted(what, mark);
    const auto index = static_cast<uint32_t>(tree_.nodes.size());
    tree_.nodes.push_back(std::move(node));
    attach(index);
    if (collection) open_.push_back({index});
    return true;
  }

  void report_unwanted(const NodeEvent& what, Mark mark) {
    if (!what.alias && !what.anchored && !what.tagged) return;
    const Place place{mark, path()};
    if (what.alias) report_.error(place, "aliases (*name) are not read: write the value out here");
    if (what.anchored) report_.error(place, "anchors (&name) are not read: remove it");
    if (what.tagged) report_.error(place, "tags (!name) are not read: remove it");
  }

  /// Hangs a node under the innermost open collection.
  void attach(uint32_t index) {
    if (open_.empty()) {
      tree_.roots.push_back(index);
      return;
    }
    Open& parent = open_.back();
    const uint32_t previous = parent.last_child;
    (previous == kNoNode ? tree_.nodes[parent.node].first_child
                         : tree_.nodes[previous].next_sibling) = index;
    const bool key =
        tree_.nodes[parent.node].kind == NodeKind::kMapping && parent.children % 2 == 0;
    parent.last_child = index;
    ++parent.children;
    if (!key) return;
    Node& node = tree_.nodes[index];
    parent.key = index;
    if (node.kind == NodeKind::kSequence || node.kind == NodeKind::kMapping) {
      report_.error({node.mark, path()}, "a key must be a string");
    } else if (node.plain && node.text == "<<") {
      report_.error({node.mark, path()}, "merge keys (<<) are not read: write the values out here");
      node.kind = NodeKind::kFaulty;
    }
  }

  /// "integrations[2].model_id" for the value that comes next.
  std::string path() const {
    std::string out;
    for (size_t depth = 0; depth < open_.size(); ++depth) {
      const Open& open = open_[depth];
      // Outer collections have counted the child that is open in them.
      const bool innermost = depth + 1 == open_.size();
      if (tree_.nodes[open.node].kind == NodeKind::kSequence) {
        out += "[" + std::to_string(innermost ? open.children : open.children - 1) + "]";
      } else if (!innermost || open.children % 2 == 1) {
        out += (out.empty() ? "" : ".") + shown(tree_.nodes[open.key].text);
      }
    }
    return out;
  }

  bool stop(const Place& place, std::string message) {
    report_.error(place, std::move(message));
    return false;
  }

  bool refuse_syntax() {
    if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
    if (parser_.error == YAML_READER_ERROR) {
      const size_t offset = std::min(parser_.problem_offset, text_.size());
      return stop({mark_at(offset), ""},
                  "not valid UTF-8 text, or a character YAML does not allow");
    }
    const Mark mark = mark_of(parser_.problem_mark);
    std::string message = "not valid YAML";
    if (parser_.problem != nullptr) message += ": " + std::string(parser_.problem);
    if (line_has_reference(parser_.problem_mark)) {
      message += " (inside { } and [ ], put quotes around \"${NAME}\")";
    }
    return stop({mark, ""}, std::move(message));
  }

  Mark mark_at(size_t offset) const {
    Mark mark;
    for (const char c : text_.substr(0, offset)) {
      if (c == '\n') {
        ++mark.line;
        mark.column = 1;
      } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
        ++mark.column;
      }
    }
    return mark;
  }

  /// `{key: ${NAME}}` is the likeliest slip of all: the brace opens a mapping.
  bool line_has_reference(const yaml_mark_t& mark) const {
    size_t from = 0;
    for (size_t line = 0; line < mark.line && from < text_.size(); ++line) {
      from = std::min(text_.find('\n', from), text_.size() - 1) + 1;
    }
    return text_.substr(from, text_.find('\n', from) - from).find("${") != std::string_view::npos;
  }

  std::string_view text_;
  Report& report_;
  yaml_parser_t parser_{};
  bool started_ = false;
  Tree tree_;
  std::vector<Open> open_;
};

}  // namespace

Tree parse_yaml(std::string_view text, Report& report) {
  if (text.size() > limits::kConfigBytesMax) {
    report.error({}, "larger than " + std::to_string(limits::kConfigBytesMax) + " bytes");
    return {};
  }
  return TreeBuilder(text, report).run();
}

}  // namespace tollgate::config
