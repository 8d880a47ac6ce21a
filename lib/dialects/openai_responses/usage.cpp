#include <algorithm>

#include "dialects/openai_responses/parts.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

/// Of an answer's text, so that what nobody told is rather too high.
constexpr uint64_t kBytesPerToken = 3;

}  // namespace

model::UsagePatch read_usage(json::Value usage, const Translation& translation,
                             uint64_t shown_bytes) {
  model::UsagePatch patch;
  const std::optional<int64_t> prompt = usage["input_tokens"].integer();
  const std::optional<int64_t> answer = usage["output_tokens"].integer();
  // Zeros tell as little as nothing, and a client would never compact.
  if (prompt.value_or(0) <= 0 && answer.value_or(0) <= 0) {
    patch.input = std::max<int64_t>(translation.input_tokens_estimate, 1);
    patch.output = static_cast<int64_t>(shown_bytes / kBytesPerToken + 1);
    return patch;
  }
  const json::Value details = usage["input_tokens_details"];
  const int64_t read = std::max<int64_t>(details["cached_tokens"].integer().value_or(0), 0);
  const int64_t written = std::max<int64_t>(details["cache_write_tokens"].integer().value_or(0), 0);
  const int64_t all = prompt.value_or(0);
  // A server whose prompt is less than what it read from its cache does not count that in.
  patch.input = read > all ? all : std::max<int64_t>(all - read - written, 0);
  patch.cache_read = read;
  patch.cache_write = written;
  const int64_t total = usage["total_tokens"].integer().value_or(0);
  patch.output = answer.value_or(std::max<int64_t>(total - all, 0));
  patch.reasoning = usage["output_tokens_details"]["reasoning_tokens"].integer();
  return patch;
}

void write_usage(const model::Usage& usage, const Translation& translation, json::Writer& writer) {
  const model::Tokens& tokens = usage.tokens;
  const int64_t written = tokens.cache_write_5m + tokens.cache_write_1h;
  int64_t prompt = tokens.prompt();
  // Clients measure their context by it: never 0 where nothing was told.
  if (prompt <= 0) prompt = std::max<int64_t>(translation.input_tokens_estimate, 1);
  writer.begin_object().member("input_tokens", prompt);
  writer.key("input_tokens_details").begin_object().member("cached_tokens", tokens.cache_read);
  if (written != 0) writer.member("cache_write_tokens", written);
  writer.end_object();
  writer.member("output_tokens", tokens.output);
  writer.key("output_tokens_details").begin_object();
  writer.member("reasoning_tokens", usage.reasoning).end_object();
  writer.member("total_tokens", prompt + tokens.output).end_object();
}

}  // namespace tollgate::dialects::openai_responses
