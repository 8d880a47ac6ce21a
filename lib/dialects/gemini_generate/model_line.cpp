#include "dialects/gemini_generate/model_line.hpp"

#include <charconv>

namespace tollgate::dialects::gemini_generate {
namespace {

constexpr int64_t kOutputNow = 65'536;
constexpr int64_t kOutputOnce = 8'192;
constexpr int64_t kOutputWholeOfFour = 32'768;

struct Version {
  int major = 3;
  int minor = 0;
};

int take_number(std::string_view& text, int other) {
  int value = other;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return other;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

Version version_of(std::string_view name) {
  Version version;
  if (name.empty() || name.front() < '0' || name.front() > '9') return version;
  version.major = take_number(name, version.major);
  if (!name.starts_with('.')) return version;
  name.remove_prefix(1);
  version.minor = take_number(name, 0);
  return version;
}

void set_budget(ModelLine& line, bool pro, bool lite) {
  line.thinking = ThinkingControl::kBudget;
  line.can_rest = !pro;
  line.budget_min = pro ? 128 : lite ? 512 : 1;
  line.budget_max = pro ? 32'768 : 24'576;
}

void set_levels(ModelLine& line, const Version& version, std::string_view name) {
  const auto has = [&](std::string_view word) { return name.find(word) != std::string_view::npos; };
  line.thinking = ThinkingControl::kLevel;
  if (version.major >= 4) {
    line.levels = {"low", "medium", "high"};
    if (has("hydrogen")) line.levels = {"low", "medium", "high", "xhigh"};
  } else if (has("pro")) {
    line.levels = {"low", "high"};
    if (version.minor >= 1) line.levels = {"low", "medium", "high"};
  } else if (version.minor == 7) {
    line.levels = {"low", "medium", "high"};
  } else {
    line.levels = {"minimal", "low", "medium", "high"};
  }
}

}  // namespace

ModelLine model_line(std::string_view model_id) {
  constexpr std::string_view kFamily = "gemini-";
  ModelLine line;
  const size_t at = model_id.rfind(kFamily);
  if (at == std::string_view::npos) return line;
  const std::string_view name = model_id.substr(at + kFamily.size());
  const Version version = version_of(name);
  const bool thinks = version.major >= 3 || (version.major == 2 && version.minor >= 5);
  line.output_tokens_max = thinks ? kOutputNow : kOutputOnce;
  line.output_tokens_max_whole = version.major >= 4 ? kOutputWholeOfFour : line.output_tokens_max;
  if (!thinks) return line;
  line.json_schemas = true;
  // Models that make pictures or speech answer in ways of their own and are not told how to think.
  for (const std::string_view other : {"image", "tts", "audio", "live"}) {
    if (name.find(other) != std::string_view::npos) return line;
  }
  if (version.major == 2) {
    set_budget(line, name.find("pro") != std::string_view::npos,
               name.find("lite") != std::string_view::npos);
    return line;
  }
  line.media_in_results = true;
  line.wants_signatures = true;
  line.schema_beside_tools = true;
  set_levels(line, version, name);
  return line;
}

}  // namespace tollgate::dialects::gemini_generate
