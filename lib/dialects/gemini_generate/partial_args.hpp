#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/reader.hpp"

namespace tollgate::dialects::gemini_generate {

/// Arguments that arrive as values at paths ("$.places[0].name"), strings among them in pieces.
/// Bounded; what cannot be placed is left out and remembered.
class PartialArgs {
 public:
  PartialArgs();

  /// Takes one element of partialArgs.
  void add(json::Value piece);
  /// True when a piece had no place: the arguments are not whole.
  bool broken() const { return broken_; }
  /// The object so far, as JSON.
  std::string json() const;

 private:
  enum class Kind : uint8_t { kObject, kArray, kString, kRaw };
  struct Node {
    Kind kind = Kind::kRaw;
    std::string key;
    std::string text;  ///< kString: the text; kRaw: JSON.
    std::vector<uint32_t> children;
  };
  static constexpr uint32_t kNone = UINT32_MAX;

  uint32_t place(std::string_view path);
  uint32_t member(uint32_t parent, std::string_view key);
  uint32_t element(uint32_t parent, size_t index);
  uint32_t add_node();

  std::vector<Node> nodes_;
  bool broken_ = false;
};

/// A call whose arguments are still coming.
struct PartialCall {
  std::string name;
  std::string id;
  std::string whole;  ///< Arguments that came in one piece; empty: `args` holds them.
  PartialArgs args;
};

}  // namespace tollgate::dialects::gemini_generate
