#include "dialects/gemini_generate/schema_tree.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "json/splice.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

constexpr size_t kFewMembers = 16;
/// As many as the schema of a tool mostly has.
constexpr size_t kUsualNodes = 256;

template <typename T>
void append_number(std::string& out, T value) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void SchemaTree::clear() {
  nodes_.clear();
  strings_.clear();
  full_ = false;
  nodes_.reserve(kUsualNodes);
}

SchemaTree::Id SchemaTree::add(Node node) {
  if (nodes_.size() >= kNodesMax) {
    full_ = true;
    return kNone;
  }
  nodes_.push_back(node);
  return static_cast<Id>(nodes_.size() - 1);
}

SchemaTree::Id SchemaTree::make(Kind kind) {
  Node node;
  node.kind = kind;
  return add(node);
}

SchemaTree::Id SchemaTree::make_view(std::string_view text) {
  Node node;
  node.kind = Kind::kString;
  node.text = text;
  return add(node);
}

SchemaTree::Id SchemaTree::make_string(std::string text) {
  strings_.push_back(std::move(text));
  return make_view(strings_.back());
}

SchemaTree::Id SchemaTree::make_bool(bool truth) {
  Node node;
  node.kind = Kind::kBool;
  node.truth = truth;
  return add(node);
}

SchemaTree::Id SchemaTree::make_integer(int64_t value) {
  Node node;
  node.kind = Kind::kNumber;
  node.whole = true;
  node.integer = value;
  return add(node);
}

SchemaTree::Id SchemaTree::make_real(double value) {
  Node node;
  node.kind = Kind::kNumber;
  node.real = value;
  return add(node);
}

SchemaTree::Id SchemaTree::add_value(json::Value value) {
  if (value.is_string()) {
    // Most are only written again, as they stand: nobody asks what they say.
    Node node;
    node.kind = Kind::kString;
    node.source = value;
    return add(node);
  }
  switch (value.kind()) {
    case json::Kind::kBool:
      return make_bool(value.boolean().value_or(false));
    case json::Kind::kInt:
      return make_integer(value.integer().value_or(0));
    case json::Kind::kUint:
    case json::Kind::kDouble:
      if (const auto whole = value.integer()) return make_integer(*whole);
      return make_real(value.number().value_or(0));
    case json::Kind::kArray:
      return make(Kind::kArray);
    case json::Kind::kObject:
      return make(Kind::kObject);
    case json::Kind::kString:
    case json::Kind::kMissing:
    case json::Kind::kNull:
      break;
  }
  return make(Kind::kNull);
}

SchemaTree::Id SchemaTree::copy(json::Value value) {
  const Id root = add_value(value);
  copying_.clear();
  if (root != kNone) copying_.emplace_back(value, root);
  while (!copying_.empty()) {
    const json::Value container = copying_.back().first;
    const Id parent = copying_.back().second;
    copying_.pop_back();
    const auto take = [&](json::Value child, std::string_view key) {
      const Id id = add_value(child);
      if (id == kNone) return;
      nodes_[id].key = key;
      link(parent, id);
      if (child.is_array() || child.is_object()) copying_.emplace_back(child, id);
    };
    // Of members with the same name the first counts, as it does for references.
    keys_.clear();
    const bool few = container.size() <= kFewMembers;
    for (const json::Member member : container.members()) {
      const bool again = few ? find(parent, member.key) != kNone : !keys_.insert(member.key).second;
      if (!again) take(member.value, member.key);
    }
    for (const json::Value element : container.elements())
      take(element, {});
    if (full_) return kNone;
  }
  return root;
}

void SchemaTree::link(Id parent, Id child) {
  Node& node = nodes_[parent];
  nodes_[child].next = kNone;
  if (node.last == kNone) {
    node.first = child;
  } else {
    nodes_[node.last].next = child;
  }
  node.last = child;
}

SchemaTree::Id SchemaTree::find(Id object, std::string_view key) const {
  if (!is(object, Kind::kObject)) return kNone;
  Id id = nodes_[object].first;
  while (id != kNone && nodes_[id].key != key)
    id = nodes_[id].next;
  return id;
}

void SchemaTree::set(Id object, std::string_view key, Id value) {
  if (value == kNone || object == kNone) return;
  remove(object, key);
  nodes_[value].key = key;
  link(object, value);
}

void SchemaTree::remove(Id object, std::string_view key) {
  if (!is(object, Kind::kObject)) return;
  Id before = kNone;
  for (Id id = nodes_[object].first; id != kNone; id = nodes_[id].next) {
    if (nodes_[id].key != key) {
      before = id;
      continue;
    }
    const Id next = nodes_[id].next;
    (before == kNone ? nodes_[object].first : nodes_[before].next) = next;
    if (nodes_[object].last == id) nodes_[object].last = before;
  }
}

void SchemaTree::append(Id array, Id value) {
  if (array != kNone && value != kNone) link(array, value);
}

SchemaTree::Id SchemaTree::take_children(Id id) {
  const Id first = nodes_[id].first;
  nodes_[id].first = kNone;
  nodes_[id].last = kNone;
  return first;
}

void SchemaTree::reset(Id id) {
  take_children(id);
  nodes_[id].kind = Kind::kObject;
}

void SchemaTree::write_scalar(const Node& node, std::string& out) const {
  switch (node.kind) {
    case Kind::kBool:
      out += node.truth ? "true" : "false";
      return;
    case Kind::kNumber:
      if (node.whole) return append_number(out, node.integer);
      // JSON has no word for what is not finite.
      return std::isfinite(node.real) ? append_number(out, node.real) : void(out += '0');
    case Kind::kString:
      if (!node.source.exists()) return json::append_string(out, node.text);
      out += node.source.raw();
      return;
    default:
      out += "null";
  }
}

void SchemaTree::write(Id id, std::string& out) const {
  std::vector<Id> open;  // Containers being written, each at the child that comes next.
  Id at = id;
  while (true) {
    const Node& node = nodes_[at];
    const bool object = node.kind == Kind::kObject;
    if (object || node.kind == Kind::kArray) {
      out += object ? '{' : '[';
      open.push_back(at);
      at = node.first;
    } else {
      write_scalar(node, out);
      if (open.empty()) return;
      at = node.next;
      if (at != kNone) out += ',';
    }
    while (at == kNone) {
      const Id closed = open.back();
      open.pop_back();
      out += nodes_[closed].kind == Kind::kObject ? '}' : ']';
      if (open.empty()) return;
      at = nodes_[closed].next;
      if (at != kNone) out += ',';
    }
    if (nodes_[open.back()].kind == Kind::kObject) {
      json::append_string(out, nodes_[at].key);
      out += ':';
    }
  }
}

}  // namespace tollgate::dialects::gemini_generate
