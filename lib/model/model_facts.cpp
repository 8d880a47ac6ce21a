#include "model/model_facts.hpp"

#include "base/ascii.hpp"
#include "model/model_table.hpp"

namespace tollgate::model {
namespace {

/// Whose Chat wants max_completion_tokens, and whose models may be bound to one API.
constexpr std::string_view kOpenAiKinds = "openai,azure-openai,azure-foundry";
/// Who says itself how large a window it serves, whatever the model could.
constexpr std::string_view kOwnWindows = "self-hosted-model,ollama";

template <typename Fact, typename Said>
void replace(Fact& fact, const std::optional<Said>& said) {
  if (said) fact = *said;
}

bool lists(std::string_view comma_list, std::string_view wanted) {
  while (!comma_list.empty()) {
    const size_t comma = comma_list.find(',');
    if (comma_list.substr(0, comma) == wanted) return true;
    if (comma == std::string_view::npos) return false;
    comma_list.remove_prefix(comma + 1);
  }
  return false;
}

bool same(char pattern, char c) {
  const char lower = ascii::lower(c);
  return pattern == '?' || pattern == lower || (pattern == '-' && lower == '.');
}

/// '*' stands for any run of characters, '?' for one.
bool matches(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && same(pattern[p], text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

/// Whether the pattern matches the id or what stands behind one of its separators.
bool names(std::string_view pattern, std::string_view id) {
  while (true) {
    if (matches(pattern, id)) return true;
    const size_t cut = id.find_first_of("/.:");
    if (cut == std::string_view::npos) return false;
    id.remove_prefix(cut + 1);
  }
}

std::vector<std::string> split(std::string_view comma_list) {
  std::vector<std::string> parts;
  while (!comma_list.empty()) {
    const size_t comma = comma_list.find(',');
    parts.emplace_back(comma_list.substr(0, comma));
    if (comma == std::string_view::npos) break;
    comma_list.remove_prefix(comma + 1);
  }
  return parts;
}

void take(const ModelRow& row, ModelFacts& facts) {
  facts.context_window = row.window;
  facts.output_tokens_max = row.output;
  facts.images = row.images;
  facts.pdf = row.pdf;
  facts.tools = row.tools;
  facts.thinking = row.thinking;
  facts.structured_output = row.structured;
  facts.takes_sampling = row.sampling;
  facts.takes_stop = row.stop;
  facts.takes_parallel_switch = row.parallel_switch;
  facts.efforts = split(row.efforts);
  facts.thinks_unasked = row.thinks_unasked;
  facts.system_role = row.system_role;
}

const ModelRow* find_row(std::string_view provider, std::string_view model_id) {
  for (const ModelRow& row : model_table::kRows) {
    if (!row.providers.empty() && !lists(row.providers, provider)) continue;
    if (names(row.pattern, model_id)) return &row;
  }
  return nullptr;
}

}  // namespace

void apply(const FactOverrides& overrides, ModelFacts& facts) {
  replace(facts.context_window, overrides.context_window);
  replace(facts.output_tokens_max, overrides.output_tokens_max);
  replace(facts.output_tokens_min, overrides.output_tokens_min);
  replace(facts.images, overrides.images);
  replace(facts.pdf, overrides.pdf);
  replace(facts.tools, overrides.tools);
  replace(facts.thinking, overrides.thinking);
  replace(facts.structured_output, overrides.structured_output);
  replace(facts.takes_sampling, overrides.takes_sampling);
  replace(facts.takes_stop, overrides.takes_stop);
  replace(facts.takes_parallel_switch, overrides.takes_parallel_switch);
  replace(facts.efforts, overrides.efforts);
  replace(facts.thinks_unasked, overrides.thinks_unasked);
  replace(facts.token_field, overrides.token_field);
  replace(facts.system_role, overrides.system_role);
  replace(facts.think_tags, overrides.think_tags);
}

std::string_view known_api(std::string_view provider, std::string_view model_id) {
  if (!lists(kOpenAiKinds, provider)) return {};
  const ModelRow* row = find_row(provider, model_id);
  return row != nullptr ? row->api : std::string_view();
}

ModelFacts known_facts(std::string_view provider, std::string_view model_id) {
  ModelFacts facts;
  if (const ModelRow* row = find_row(provider, model_id)) take(*row, facts);
  if (lists(kOpenAiKinds, provider)) facts.token_field = "max_completion_tokens";
  facts.api = known_api(provider, model_id);
  if (facts.api == "responses") facts.output_tokens_min = 16;
  if (lists(kOwnWindows, provider)) {
    facts.context_window = 0;
    facts.output_tokens_max = 0;
  }
  return facts;
}

}  // namespace tollgate::model
