#include "dialects/context_overflow.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace tollgate::dialects {
namespace {

constexpr std::string_view kTooLong = "prompt is too long: ";

/// In lower case. {x} is a number: n tokens, m maximum, i input, o output, k beyond; {_} any
/// number. * is any text. What stands before and behind does not matter. The first that fits
/// counts.
struct Wording {
  std::string_view pattern;
  bool input_is_minimum = false;
};

// clang-format off
constexpr Wording kWordings[] = {
    {"prompt is too long: {n} tokens > {m} maximum"},
    {"exceed context limit: {i} + {o} > {m}"},
    {"maximum context length is {m} tokens. however, your messages resulted in {n} tokens"},
    {"exceed the configured limit of {m} tokens. your messages resulted in {n} tokens"},
    {"maximum context length is {m} tokens. however, you requested {_} tokens ({i} in the messages, {o} in the completion)"},
    {"maximum context length is {m} tokens. however, you requested {_} tokens ({i} in your prompt; {o} for the completion)"},
    {"maximum context length is {m} tokens. however, you requested {o} output tokens and your prompt contains at least {i} input tokens", true},
    {"maximum context length is {m} tokens. however, you requested {o} output tokens and your prompt contains {i} input tokens"},
    {"is too large: {o}. this model's maximum context length is {m} tokens and your request has {i} input tokens"},
    {"maximum context length is {m} tokens. however, your request has {n} input tokens"},
    {"maximum context length is {m} tokens. however, you requested about {n} tokens ({_} of text input, {o} in the output)"},
    {"maximum context length is {m} tokens. however, you requested about {n} tokens (* of text input, * of tool input, {o} in the output)"},
    {"maximum context length is {m} tokens. however, you requested about {n} tokens"},
    {"maximum context length is {m} tokens. however, you requested {n} tokens"},
    {"maximum context length of {m} tokens. you requested a total of {_} tokens: {i} tokens from the input messages and {o} tokens for the completion"},
    {"input length ({n}) exceeds model's maximum context length ({m})"},
    {"input length {n} exceeds the maximum allowed input length of {m} tokens"},
    {"input length ({n} tokens) exceeds the maximum allowed length ({m} tokens)"},
    {"input ({n} tokens) is longer than the model's context length ({m} tokens)"},
    {"request ({n} tokens) exceeds the available context size ({m} tokens)"},
    {"exceeded max context length by {k} tokens"},
    {"first {n} tokens when context the overflows. however, the model is loaded with context length of only {m} tokens"},
    {"current length is {n} while limit is {m}"},
    {"must be <= {m}. given: {i} `inputs` tokens and {o} `max_new_tokens`"},
    {"`inputs` must have less than {m} tokens. given: {n}"},
    {"prompt is too long: {n}, model maximum context length: {m}"},
    {"maximum prompt length is {m} but the request contains {n} tokens"},
    {"exceeded model token limit: {m} (requested: {n})"},
    {"prompt contains {n} tokens * too large for model with {m} maximum context length"},
    {"input token count ({n}) exceeds the maximum number of tokens allowed ({m})"},
    {"input token count {n} exceeds the maximum number of tokens allowed {m}"},
    {"input token count exceeds the maximum number of tokens allowed {m}"},
    {"request too large * on tokens per min (tpm): limit {m}, requested {n}"},
    {"maximum context length is {m}"},
    {"maximum context length of {m}"},
    {"maximum context length"},
    {"exceeds the context window"},
    {"context window exceeds limit"},
    {"context_length_exceeded"},
    {"exceed_context_size_error"},
    {"exceeds the available context size"},
    {"greater than the context length"},
    {"too_many_prompt_tokens"},
    {"total length of all messages is too long"},
    {"prompt is too long"},
    {"prompt too long"},
    {"input is too long"},
    {"input tokens exceeded"},
};

/// Rates are told in like words.
constexpr std::string_view kRates[] = {"tokens per min", "tokens per day", "too many tokens, please wait", "too many requests"};
// clang-format on

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Reads digits with separators at `at` and steps over them.
std::optional<int64_t> take_number(std::string_view text, size_t& at) {
  constexpr int64_t kAbsurd = 1'000'000'000'000;
  if (at >= text.size() || !is_digit(text[at])) return std::nullopt;
  int64_t value = 0;
  while (at < text.size()) {
    const bool separator =
        (text[at] == ',' || text[at] == '_') && at + 1 < text.size() && is_digit(text[at + 1]);
    if (!is_digit(text[at]) && !separator) break;
    if (!separator && value < kAbsurd) value = value * 10 + (text[at] - '0');
    ++at;
  }
  return value;
}

void put(char name, int64_t value, ContextOverflow& overflow) {
  if (name == 'n') overflow.tokens = value;
  if (name == 'm') overflow.maximum = value;
  if (name == 'i') overflow.input = value;
  if (name == 'o') overflow.output = value;
  if (name == 'k') overflow.beyond = value;
}

/// Matches the pattern's rest at `at`.
bool matches_here(std::string_view pattern, std::string_view text, size_t at,
                  ContextOverflow& overflow) {
  while (!pattern.empty()) {
    if (pattern.front() == '{') {
      const std::optional<int64_t> value = take_number(text, at);
      if (!value) return false;
      put(pattern[1], *value, overflow);
      pattern.remove_prefix(3);
    } else if (pattern.front() == '*') {
      pattern.remove_prefix(1);
      at = text.find(pattern.substr(0, pattern.find_first_of("{*")), at);
      if (at == std::string_view::npos) return false;
    } else {
      if (at >= text.size() || text[at] != pattern.front()) return false;
      ++at;
      pattern.remove_prefix(1);
    }
  }
  return true;
}

bool matches(std::string_view pattern, std::string_view text, ContextOverflow& overflow) {
  const std::string_view head = pattern.substr(0, pattern.find_first_of("{*"));
  for (size_t at = text.find(head); at != std::string_view::npos; at = text.find(head, at + 1)) {
    overflow = ContextOverflow();
    if (matches_here(pattern, text, at, overflow)) return true;
  }
  return false;
}

std::string too_long(int64_t tokens, int64_t maximum) {
  // A client that reads the two expects the first to be larger.
  if (tokens <= maximum) tokens = maximum + 1;
  return std::string(kTooLong) + std::to_string(tokens) + " tokens > " + std::to_string(maximum) +
         " maximum";
}

}  // namespace

std::optional<ContextOverflow> find_context_overflow(std::string_view text) {
  constexpr size_t kTextMax = 16 * 1024;
  const std::string lower = ascii::to_lower(text.substr(0, kTextMax));
  const bool of_rates =
      std::any_of(std::begin(kRates), std::end(kRates),
                  [&](std::string_view rate) { return lower.find(rate) != std::string::npos; });
  ContextOverflow overflow;
  for (const Wording& wording : kWordings) {
    const bool never_fits = wording.pattern.starts_with("request too large");
    if (of_rates && !never_fits) continue;
    if (!matches(wording.pattern, lower, overflow)) continue;
    overflow.input_is_minimum = wording.input_is_minimum;
    // More in one request than in a minute can never pass; less will pass later.
    if (never_fits && overflow.tokens <= overflow.maximum) return std::nullopt;
    return overflow;
  }
  return std::nullopt;
}

std::string context_overflow_message(const ContextOverflow& overflow, int64_t estimate,
                                     int64_t window) {
  const auto& [tokens, maximum, input, output, beyond, input_is_minimum] = overflow;
  std::optional<int64_t> exact_input = input_is_minimum ? std::nullopt : input;
  if (!exact_input && tokens && output && !input) exact_input = *tokens - *output;
  if (exact_input && output && maximum && *exact_input > 0 && *exact_input < *maximum) {
    return "input length and `max_tokens` exceed context limit: " + std::to_string(*exact_input) +
           " + " + std::to_string(*output) + " > " + std::to_string(*maximum) +
           ", decrease input length or `max_tokens` and try again";
  }
  const int64_t prompt = tokens                      ? *tokens
                         : input_is_minimum && input ? std::max(*input, estimate)
                         : input                     ? *input
                                                     : estimate;
  int64_t fits = maximum ? *maximum : window;
  if (beyond && fits > 0) return too_long(fits + *beyond, fits);
  if (beyond && prompt > *beyond) return too_long(prompt, prompt - *beyond);
  if (fits > 0) return too_long(prompt, fits);
  return prompt > 1 ? too_long(prompt, prompt - 1) : std::string();
}

model::Failure context_overflow_failure(const ContextOverflow& overflow, std::string_view said) {
  model::Failure failure;
  failure.kind = model::FailureKind::kInvalidRequest;
  failure.status = 400;
  failure.message = context_overflow_message(overflow, 0, 0);
  if (failure.message.empty()) failure.message = std::string(kTooLong) + std::string(said);
  return failure;
}

void complete_context_overflow(model::Failure& failure, int64_t estimate, int64_t window) {
  if (!failure.message.starts_with(kTooLong)) return;
  const std::string_view said = std::string_view(failure.message).substr(kTooLong.size());
  if (said.empty() || (is_digit(said[0]) && said.ends_with(" maximum"))) return;
  const ContextOverflow overflow = find_context_overflow(said).value_or(ContextOverflow());
  std::string message = context_overflow_message(overflow, estimate, window);
  if (!message.empty()) failure.message = std::move(message);
}

}  // namespace tollgate::dialects
