#pragma once

#include <cstdint>
#include <string_view>

namespace tollgate::dialects::bedrock_converse {

enum class FamilyKind : uint8_t { kClaude, kNova, kNova2, kGptOss, kDeepSeek, kQwen, kOther };

/// Where top_k goes.
enum class TopK : uint8_t { kNone, kPlain, kNova };

/// How the makers' models behind Converse differ. What is said of a family we do not know is what
/// no model refuses.
struct Family {
  std::string_view mark;  ///< Part of the model's id.
  FamilyKind kind = FamilyKind::kOther;
  bool caches = false;             ///< Takes cache points.
  bool caches_tools = false;       ///< Takes them between tools too.
  bool result_status = false;      ///< Takes toolResult.status.
  bool media_in_results = false;   ///< Takes images and documents inside toolResult.
  bool tool_choice = true;         ///< Takes a forced tool choice.
  bool replays_reasoning = false;  ///< Takes its own reasoning back.
  bool system = true;              ///< Takes system texts.
  bool search_results = false;     ///< Takes searchResult blocks.
  bool grounding = false;          ///< Has a web search of its own.
  TopK top_k = TopK::kNone;
  uint32_t stop_sequences_max = 4;
};

const Family& family_of(std::string_view model_id);

}  // namespace tollgate::dialects::bedrock_converse
