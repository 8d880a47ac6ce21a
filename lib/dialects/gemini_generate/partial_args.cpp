#include "dialects/gemini_generate/partial_args.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "json/splice.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

constexpr size_t kNodesMax = 20'000;
constexpr size_t kPathDepthMax = 64;
constexpr size_t kGapMax = 1'000;  ///< Elements that may be left out before one that comes.

std::string raw_of(json::Value piece) {
  if (const auto truth = piece["boolValue"].boolean()) return *truth ? "true" : "false";
  const json::Value number = piece["numberValue"];
  std::array<char, 32> digits;
  const auto written = [&](auto value) {
    return std::string(digits.data(),
                       std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
  };
  if (const auto whole = number.integer()) return written(*whole);
  if (const auto real = number.number(); real && std::isfinite(*real)) return written(*real);
  return "null";
}

/// Cuts the next step off a path: a name, or an index in brackets. False at its end or when it is
/// no path.
bool take_step(std::string_view& path, std::string_view& name, std::optional<size_t>& index) {
  index.reset();
  if (path.starts_with("['") || path.starts_with("[\"")) {
    const char quote[3] = {path[1], ']', '\0'};
    const size_t end = path.find(quote, 2);
    if (end == std::string_view::npos) return false;
    name = path.substr(2, end - 2);
    path.remove_prefix(end + 2);
    return true;
  }
  if (path.starts_with('[')) {
    size_t value = 0;
    const auto [end, error] = std::from_chars(path.data() + 1, path.data() + path.size(), value);
    if (error != std::errc{} || end == path.data() + path.size() || *end != ']') return false;
    index = value;
    path.remove_prefix(static_cast<size_t>(end - path.data()) + 1);
    return true;
  }
  if (!path.starts_with('.')) return false;
  path.remove_prefix(1);
  const size_t end = path.find_first_of(".[");
  name = path.substr(0, end);
  path.remove_prefix(name.size());
  return !name.empty();
}

}  // namespace

PartialArgs::PartialArgs() : nodes_(1) {
  nodes_[0].kind = Kind::kObject;
}

uint32_t PartialArgs::add_node() {
  if (nodes_.size() >= kNodesMax) return kNone;
  nodes_.emplace_back();
  return static_cast<uint32_t>(nodes_.size() - 1);
}

uint32_t PartialArgs::member(uint32_t parent, std::string_view key) {
  if (nodes_[parent].kind != Kind::kObject) {
    if (!nodes_[parent].children.empty()) return kNone;
    nodes_[parent].kind = Kind::kObject;
  }
  // The member that is being written is the last one, nearly always.
  const std::vector<uint32_t>& children = nodes_[parent].children;
  for (size_t i = children.size(); i > 0; --i) {
    if (nodes_[children[i - 1]].key == key) return children[i - 1];
  }
  const uint32_t child = add_node();
  if (child == kNone) return kNone;
  nodes_[child].key = key;
  nodes_[parent].children.push_back(child);
  return child;
}

uint32_t PartialArgs::element(uint32_t parent, size_t index) {
  if (nodes_[parent].kind != Kind::kArray) {
    if (!nodes_[parent].children.empty()) return kNone;
    nodes_[parent].kind = Kind::kArray;
  }
  if (index > nodes_[parent].children.size() + kGapMax) return kNone;
  while (nodes_[parent].children.size() <= index) {
    const uint32_t child = add_node();
    if (child == kNone) return kNone;
    nodes_[parent].children.push_back(child);
  }
  return nodes_[parent].children[index];
}

uint32_t PartialArgs::place(std::string_view path) {
  if (!path.starts_with('$')) return kNone;
  path.remove_prefix(1);
  uint32_t at = 0;
  size_t depth = 0;
  while (!path.empty() && at != kNone) {
    std::string_view name;
    std::optional<size_t> index;
    if (++depth > kPathDepthMax || !take_step(path, name, index)) return kNone;
    at = index ? element(at, *index) : member(at, name);
  }
  return at;
}

void PartialArgs::add(json::Value piece) {
  const uint32_t at = place(piece["jsonPath"].string_or(""));
  if (at == kNone || at == 0 || !nodes_[at].children.empty()) {
    broken_ = true;
    return;
  }
  Node& node = nodes_[at];
  const auto text = piece["stringValue"].string();
  if (text) {
    if (node.kind != Kind::kString) node.text.clear();
    node.kind = Kind::kString;
    node.text += *text;
    return;
  }
  node.kind = Kind::kRaw;
  node.text = raw_of(piece);
}

std::string PartialArgs::json() const {
  std::string out;
  std::vector<std::pair<uint32_t, size_t>> open;  // Containers, and which child comes next.
  uint32_t at = 0;
  while (true) {
    const Node& node = nodes_[at];
    if (node.kind == Kind::kObject || node.kind == Kind::kArray) {
      out += node.kind == Kind::kObject ? '{' : '[';
      open.emplace_back(at, 0);
    } else if (node.kind == Kind::kString) {
      json::append_string(out, node.text);
    } else {
      out += node.text.empty() ? "null" : node.text;
    }
    while (!open.empty() && open.back().second == nodes_[open.back().first].children.size()) {
      out += nodes_[open.back().first].kind == Kind::kObject ? '}' : ']';
      open.pop_back();
    }
    if (open.empty()) return out;
    auto& [parent, next] = open.back();
    if (next > 0) out += ',';
    at = nodes_[parent].children[next++];
    if (nodes_[parent].kind == Kind::kObject) {
      json::append_string(out, nodes_[at].key);
      out += ':';
    }
  }
}

}  // namespace tollgate::dialects::gemini_generate
