#include "config/yaml_json.hpp"

#include <utility>
#include <vector>

#include "json/splice.hpp"

namespace tollgate::config {
namespace {

/// JSON has no plus sign, no leading zero and no bare point; a number that YAML writes so is text
/// here, as nobody could say what was meant.
bool is_json_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || text.front() == '+' || text.front() == '.' || text.back() == '.')
    return false;
  const size_t point = text.find('.');
  if (point != std::string_view::npos && point + 1 < text.size() &&
      (text[point + 1] < '0' || text[point + 1] > '9')) {
    return false;
  }
  return !(text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9');
}

bool append_scalar(Reading& reading, const Value& value, std::string& out) {
  const std::string_view kind = kind_name(*value.node);
  if (kind == "nothing") {
    out += "null";
    return true;
  }
  if (kind == "true or false") {
    const std::optional<bool> read = read_bool(reading, value);
    out += read.value_or(false) ? "true" : "false";
    return read.has_value();
  }
  if (kind == "a number" && is_json_number(value.node->text)) {
    out += value.node->text;
    return true;
  }
  if (kind == "a number") {
    json::append_string(out, value.node->text);
    return true;
  }
  const std::optional<std::string> text = read_string(reading, value);
  if (text) json::append_string(out, *text);
  return text.has_value();
}

/// A mapping or list that is being written, and where in it.
struct Open {
  bool mapping = false;
  uint32_t next = kNoNode;
  std::string path;
  size_t index = 0;
};

}  // namespace

std::optional<std::string> read_json(Reading& reading, const Value& value) {
  std::string out;
  std::vector<Open> open;
  bool sound = true;
  const auto begin = [&](const Value& at) {
    if (at.node->kind == NodeKind::kScalar) {
      sound = append_scalar(reading, at, out) && sound;
    } else if (at.node->kind == NodeKind::kFaulty) {
      sound = false;
      out += "null";
    } else {
      const bool mapping = at.node->kind == NodeKind::kMapping;
      out += mapping ? '{' : '[';
      open.push_back({mapping, at.node->first_child, at.path, 0});
    }
  };
  begin(value);
  while (!open.empty()) {
    Open& top = open.back();
    if (top.next == kNoNode) {
      out += top.mapping ? '}' : ']';
      open.pop_back();
      continue;
    }
    if (top.index++ > 0) out += ',';
    const Node* node = &reading.tree.at(top.next);
    std::string path = top.path + "[" + std::to_string(top.index - 1) + "]";
    if (top.mapping) {
      path = top.path + "." + shown(node->text);
      json::append_string(out, node->text);
      out += ':';
      node = &reading.tree.at(node->next_sibling);
    }
    top.next = node->next_sibling;
    begin({node, std::move(path)});
  }
  if (!sound) return std::nullopt;
  return out;
}

}  // namespace tollgate::config
