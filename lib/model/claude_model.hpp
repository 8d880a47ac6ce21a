#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tollgate::model {

/// What the id of a Claude model tells of it, wherever it is served: "claude-sonnet-4-5-20250929",
/// "us.anthropic.claude-opus-5-5", "claude-haiku-4-5@20251001".
struct ClaudeModel {
  uint32_t version = kNewest;  ///< 100 × major + minor; kNewest where the id names none.
  bool opus = false;
  bool sonnet = false;
  bool haiku = false;

  static constexpr uint32_t kNewest = 9'900;

  bool thinks() const { return version >= 307; }
  /// thinking.type: adaptive.
  bool takes_adaptive() const { return version >= 406; }
  /// thinking.type: enabled, with a budget.
  bool takes_budget() const { return thinks() && version < 500; }
  /// thinking.type: disabled. Some always think.
  bool can_stop_thinking() const {
    return version < 500 || ((opus || sonnet || haiku) && version < 505);
  }
  bool takes_between_tools() const { return sonnet && version >= 505; }
  bool takes_effort() const { return version >= 406 || (opus && version == 405); }
  bool takes_schemas() const { return version >= 405; }  ///< Structured outputs.
  bool caches() const { return version >= 305; }
  bool caches_an_hour() const { return version >= 405; }
};

/// Nothing when the id names no Claude.
std::optional<ClaudeModel> claude_model(std::string_view id);

}  // namespace tollgate::model
