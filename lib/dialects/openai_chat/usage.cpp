#include "dialects/openai_chat/usage.hpp"

#include <algorithm>

namespace tollgate::dialects::openai_chat {
namespace {

int64_t count(json::Value value) {
  return std::clamp<int64_t>(value.integer().value_or(0), 0, model::kTokensMax);
}

}  // namespace

model::UsagePatch read_usage(json::Value usage) {
  const json::Value details = usage["prompt_tokens_details"];
  const int64_t prompt = count(usage["prompt_tokens"]);
  const int64_t completion = count(usage["completion_tokens"]);
  const int64_t total = count(usage["total_tokens"]);
  int64_t cached = count(details["cached_tokens"]);
  for (const std::string_view elsewhere : {"prompt_cache_hit_tokens", "cached_tokens"}) {
    if (cached == 0) cached = count(usage[elsewhere]);
  }
  const int64_t written = count(details["cache_write_tokens"]);
  model::UsagePatch patch;
  // A server with more cached than prompt tokens leaves the cached ones out already.
  patch.input = cached + written > prompt ? prompt : prompt - cached - written;
  patch.cache_read = cached;
  patch.cache_write = written;
  // Some count reasoning beside the completion; the total always holds all.
  patch.output = total > prompt ? total - prompt : completion;
  const json::Value reasoning = usage["completion_tokens_details"]["reasoning_tokens"];
  if (reasoning.exists()) patch.reasoning = count(reasoning);
  return patch;
}

void write_usage(const model::Usage& usage, json::Writer& writer) {
  const model::Tokens& tokens = usage.tokens;
  writer.begin_object();
  writer.member("prompt_tokens", tokens.prompt());
  writer.member("completion_tokens", tokens.output);
  writer.member("total_tokens", tokens.prompt() + tokens.output);
  writer.key("prompt_tokens_details").begin_object();
  writer.member("cached_tokens", tokens.cache_read);
  const int64_t written = tokens.cache_write_5m + tokens.cache_write_1h;
  if (written > 0) writer.member("cache_write_tokens", written);
  writer.end_object();
  writer.key("completion_tokens_details").begin_object();
  writer.member("reasoning_tokens", usage.reasoning);
  writer.end_object().end_object();
}

}  // namespace tollgate::dialects::openai_chat
