#include "dialects/bedrock_converse/family.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

constexpr Family claude() {
  Family family{"claude", FamilyKind::kClaude};
  family.caches = family.caches_tools = family.result_status = true;
  family.media_in_results = family.replays_reasoning = family.search_results = true;
  family.top_k = TopK::kPlain;
  return family;
}

/// Nova refuses cache points between tools.
constexpr Family nova(std::string_view mark, FamilyKind kind, bool grounding) {
  Family family{mark, kind};
  family.caches = family.result_status = family.media_in_results = true;
  family.replays_reasoning = kind == FamilyKind::kNova2;
  family.grounding = grounding;
  family.top_k = TopK::kNova;
  return family;
}

constexpr Family without_choice(std::string_view mark, FamilyKind kind = FamilyKind::kOther) {
  Family family{mark, kind};
  family.tool_choice = false;
  return family;
}

constexpr Family llama(std::string_view mark, bool media_in_results) {
  Family family = without_choice(mark);
  family.media_in_results = media_in_results;
  family.stop_sequences_max = 0;
  return family;
}

constexpr Family mistral(std::string_view mark, bool tool_choice, bool media_in_results,
                         bool system) {
  Family family{mark};
  family.tool_choice = tool_choice;
  family.media_in_results = media_in_results;
  family.system = system;
  family.top_k = TopK::kPlain;
  return family;
}

constexpr Family reasoner(std::string_view mark, FamilyKind kind) {
  Family family{mark, kind};
  family.replays_reasoning = true;
  return family;
}

constexpr Family without_system(std::string_view mark) {
  Family family = without_choice(mark);
  family.system = false;
  return family;
}

// The first mark found in the id counts.
constexpr Family kFamilies[] = {
    claude(),
    nova("nova-2", FamilyKind::kNova2, true),
    nova("nova-premier", FamilyKind::kNova, true),
    nova("nova", FamilyKind::kNova, false),
    reasoner("gpt-oss", FamilyKind::kGptOss),
    // "User messages cannot contain reasoning content", it says.
    without_choice("deepseek", FamilyKind::kDeepSeek),
    reasoner("qwen", FamilyKind::kQwen),
    llama("llama4", true),
    llama("llama", false),
    mistral("pixtral", true, true, true),
    mistral("mistral-large", true, false, true),
    mistral("mistral-7b", false, false, false),
    mistral("mixtral", false, false, false),
    mistral("mistral", false, false, true),
    without_system("titan"),
    without_system("ai21.j2"),
};

constexpr Family kUnknown{};

}  // namespace

const Family& family_of(std::string_view model_id) {
  for (const Family& family : kFamilies) {
    if (model_id.find(family.mark) != std::string_view::npos) return family;
  }
  return kUnknown;
}

}  // namespace tollgate::dialects::bedrock_converse
