#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "dialects/effort.hpp"
#include "dialects/gemini_generate/parts.hpp"
#include "dialects/gemini_generate/schema_clean.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

using model::LossKind;

// Lowest first.
constexpr std::array<std::string_view, 7> kEfforts = {"none", "minimal", "low", "medium",
                                                      "high", "xhigh",   "max"};

size_t rank_of(std::string_view effort) {
  const auto found = std::find(kEfforts.begin(), kEfforts.end(), effort);
  return static_cast<size_t>(found - kEfforts.begin());
}

void number(json::Writer& writer, std::string_view name, std::optional<double> value) {
  // JSON has no word for what is not finite.
  if (!value || !std::isfinite(*value)) return;
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), *value).ptr;
  writer.raw_member(name, {digits.data(), static_cast<size_t>(end - digits.data())});
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}

std::vector<std::string_view> levels_of(const Encoding& encoding) {
  std::vector<std::string_view> levels;
  for (const std::string& effort : encoding.translation.facts.efforts)
    levels.push_back(effort);
  if (!levels.empty()) return levels;
  for (const std::string_view level : encoding.line.levels) {
    if (!level.empty()) levels.push_back(level);
  }
  return levels;
}

/// The lowest level that is not below the wish, else the highest: a model asked to think hard must
/// not be told to think little because a word between is missing.
std::string_view level_for(const Encoding& encoding, const Wish& wish) {
  const std::vector<std::string_view> levels = levels_of(encoding);
  if (levels.empty() || wish.kind == ThinkingWish::kModelDefault) return {};
  if (wish.kind == ThinkingWish::kAsLowAsPossible) return levels.front();
  std::string_view effort = wish.effort;
  // A budget in tokens says no more than this.
  const bool from_budget = encoding.request.effort.empty();
  if (from_budget && rank_of(effort) > rank_of("high")) effort = "high";
  const size_t wished = rank_of(effort);
  if (wished == kEfforts.size()) {
    encoding.lose("output_config.effort " + wish.effort);
    return {};
  }
  std::string_view chosen = levels.back();
  for (size_t i = levels.size(); i > 0; --i) {
    if (rank_of(levels[i - 1]) >= wished) chosen = levels[i - 1];
  }
  if (chosen != wish.effort && !from_budget) {
    encoding.translation.losses.add(LossKind::kClamped,
                                    "effort " + wish.effort + " -> " + std::string(chosen));
  }
  return chosen;
}

int64_t budget_for(const Encoding& encoding, const Wish& wish) {
  constexpr int64_t kDynamic = -1;
  const ModelLine& line = encoding.line;
  if (wish.kind == ThinkingWish::kModelDefault) return kDynamic;
  if (wish.kind == ThinkingWish::kAsLowAsPossible || wish.budget_tokens <= 0) {
    return line.can_rest ? 0 : line.budget_min;
  }
  const int64_t budget = std::clamp(wish.budget_tokens, line.budget_min, line.budget_max);
  if (budget != wish.budget_tokens && encoding.request.thinking.budget_tokens) {
    encoding.translation.losses.add(LossKind::kClamped, "thinking.budget_tokens " +
                                                            std::to_string(wish.budget_tokens) +
                                                            " -> " + std::to_string(budget));
  }
  return budget;
}

void write_thinking(const Encoding& encoding, json::Writer& writer) {
  const bool shown = encoding.translation.thinking_wanted && !encoding.translation.thinking_omitted;
  const bool none = encoding.line.thinking == ThinkingControl::kNone ||
                    encoding.translation.facts.thinking == false ||
                    encoding.refuses("thinkingConfig");
  if (none) {
    if (encoding.translation.thinking_wanted) encoding.lose("thinking");
    if (!encoding.request.effort.empty()) encoding.lose("output_config.effort");
    return;
  }
  const Wish wish = thinking_wish(encoding.request);
  const bool by_budget = encoding.line.thinking == ThinkingControl::kBudget;
  const std::string_view level = by_budget ? std::string_view() : level_for(encoding, wish);
  if (!by_budget && level.empty() && !shown) return;
  writer.key("thinkingConfig").begin_object();
  if (by_budget) writer.member("thinkingBudget", budget_for(encoding, wish));
  if (!level.empty()) writer.member("thinkingLevel", upper(level));
  if (shown) writer.member("includeThoughts", true);
  writer.end_object();
}

/// How long the answer may be, thoughts included.
std::optional<int64_t> output_tokens(const Encoding& encoding) {
  const std::optional<int64_t> wished = encoding.request.max_tokens;
  if (!wished) return std::nullopt;
  const model::ModelFacts& facts = encoding.translation.facts;
  const ModelLine& line = encoding.line;
  int64_t most = facts.output_tokens_max > 0 ? facts.output_tokens_max : line.output_tokens_max;
  if (!encoding.request.stream && line.output_tokens_max_whole > 0) {
    most = most > 0 ? std::min(most, line.output_tokens_max_whole) : line.output_tokens_max_whole;
  }
  if (const std::string* told =
          model::find_lesson(encoding.translation.lessons, model::LessonKind::kOutputMax)) {
    int64_t taught = 0;
    std::from_chars(told->data(), told->data() + told->size(), taught);
    if (taught > 0) most = most > 0 ? std::min(most, taught) : taught;
  }
  int64_t sent = std::max(*wished, std::max<int64_t>(facts.output_tokens_min, 1));
  if (most > 0) sent = std::min(sent, most);
  if (sent != *wished) {
    encoding.translation.losses.add(LossKind::kClamped, "max_tokens " + std::to_string(*wished) +
                                                            " -> " + std::to_string(sent));
  }
  return sent;
}

void write_sampling(const Encoding& encoding, json::Writer& writer) {
  const model::Request& request = encoding.request;
  if (!encoding.translation.facts.takes_sampling) {
    if (request.temperature) encoding.lose("temperature");
    if (request.top_p) encoding.lose("top_p");
    if (request.top_k) encoding.lose("top_k");
    return;
  }
  number(writer, "temperature", request.temperature);
  number(writer, "topP", request.top_p);
  if (request.top_k) writer.member("topK", *request.top_k);
}

/// As many sequences as the server takes; the gateway watches for the others.
void write_stops(const Encoding& encoding, json::Writer& writer) {
  Translation& translation = encoding.translation;
  const size_t most =
      translation.facts.takes_stop ? size_t{translation.traits.stop_sequences_max} : 0;
  translation.stop_sequences.clear();
  size_t written = 0;
  for (const std::string& sequence : encoding.request.stop_sequences) {
    if (sequence.empty()) continue;
    if (written >= most) {
      translation.stop_sequences.push_back(sequence);
      continue;
    }
    if (written++ == 0) writer.key("stopSequences").begin_array();
    writer.string(sequence);
  }
  if (written > 0) writer.end_array();
}

}  // namespace

std::string output_schema(const Encoding& encoding) {
  if (encoding.request.output_schema.empty()) return {};
  SchemaRules rules;
  rules.parameters = false;
  rules.json_schema = encoding.line.json_schemas && !encoding.refuses("responseJsonSchema");
  SchemaCleaner cleaner(rules);
  std::string schema;
  cleaner.clean(encoding.request.output_schema, schema);
  cleaner.note_losses(encoding.translation.losses);
  return schema;
}

void encode_generation_config(const Encoding& encoding, json::Writer& writer,
                              const std::string& schema) {
  writer.key("generationConfig").begin_object();
  if (const auto tokens = output_tokens(encoding)) writer.member("maxOutputTokens", *tokens);
  write_sampling(encoding, writer);
  write_stops(encoding, writer);
  if (!schema.empty()) {
    writer.member("responseMimeType", "application/json");
    const bool json_schema = encoding.line.json_schemas && !encoding.refuses("responseJsonSchema");
    writer.raw_member(json_schema ? "responseJsonSchema" : "responseSchema", schema);
  }
  write_thinking(encoding, writer);
  writer.end_object();
}

}  // namespace tollgate::dialects::gemini_generate
