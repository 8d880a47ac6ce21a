#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/content.hpp"

namespace tollgate::model {

/// A tool the model may use. `type` empty or "custom": the client runs it by its schema; other
/// types are built-in client tools or server tools, known by their wire name.
struct Tool {
  std::string type;
  std::string name;
  std::string description;
  bool has_description = false;
  std::string input_schema;  ///< Raw JSON object, empty when absent.
  std::optional<bool> strict;
  bool defer_loading = false;
  std::optional<int64_t> max_uses;  ///< Server tools.
  std::optional<CacheMark> cache;
  std::string rest;  ///< Unknown members, raw, without braces.

  bool is_custom() const { return type.empty() || type == "custom"; }
  friend bool operator==(const Tool&, const Tool&) = default;
};

enum class ToolChoiceKind : uint8_t { kAuto, kAny, kTool, kNone };

struct ToolChoice {
  ToolChoiceKind kind = ToolChoiceKind::kAuto;
  std::string name;  ///< kTool.
  bool disable_parallel = false;
  std::string rest;  ///< Unknown members, raw, without braces.

  friend bool operator==(const ToolChoice&, const ToolChoice&) = default;
};

}  // namespace tollgate::model
