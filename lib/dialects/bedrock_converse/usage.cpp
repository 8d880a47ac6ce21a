#include "dialects/bedrock_converse/parts.hpp"

namespace tollgate::dialects::bedrock_converse {

/// Input excludes what the cache had; other spellings of the counters say the same again.
model::UsagePatch read_usage(json::Value usage) {
  model::UsagePatch patch;
  patch.input = usage["inputTokens"].integer();
  patch.output = usage["outputTokens"].integer();
  patch.cache_read = usage["cacheReadInputTokens"].integer();
  patch.cache_write = usage["cacheWriteInputTokens"].integer();
  for (const json::Value detail : usage["cacheDetails"].elements()) {
    const std::optional<int64_t> tokens = detail["inputTokens"].integer();
    const std::string_view ttl = detail["ttl"].string_or("");
    if (!tokens) continue;
    if (ttl == "1h") patch.cache_write_1h = patch.cache_write_1h.value_or(0) + *tokens;
    if (ttl == "5m") patch.cache_write_5m = patch.cache_write_5m.value_or(0) + *tokens;
  }
  return patch;
}

}  // namespace tollgate::dialects::bedrock_converse
