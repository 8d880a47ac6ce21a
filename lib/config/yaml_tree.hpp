#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/report.hpp"

namespace tollgate::config {

enum class NodeKind : uint8_t {
  kScalar,
  kSequence,
  kMapping,
  kFaulty  ///< Stands for something that was reported already: readers pass over it in silence.
};

inline constexpr uint32_t kNoNode = UINT32_MAX;

/// A piece of YAML. The children of a mapping are key, value, key, value…
struct Node {
  NodeKind kind = NodeKind::kScalar;
  bool plain = false;  ///< A scalar without quotes: 12 is a number, "12" is not.
  Mark mark;
  uint32_t first_child = kNoNode;
  uint32_t next_sibling = kNoNode;
  std::string text;  ///< Of a scalar, as written: no reference is replaced yet.
};

/// The documents of a text. Flat, so that no depth of nesting costs stack.
struct Tree {
  std::vector<Node> nodes;
  std::vector<uint32_t> roots;  ///< One a document; empty documents have none.
  bool complete = false;        ///< False when reading stopped at a fault.

  const Node& at(uint32_t index) const { return nodes[index]; }
};

/// Reads YAML within the bounds of base/limits.hpp. What a configuration does not need and an
/// attacker or a slip could use is reported instead: anchors and aliases, merge keys, tags, keys
/// that are not scalars.
Tree parse_yaml(std::string_view text, Report& report);

}  // namespace tollgate::config
