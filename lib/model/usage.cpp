#include "model/usage.hpp"

#include <algorithm>

namespace tollgate::model {
namespace {

int64_t clamp_tokens(int64_t value) {
  return std::clamp<int64_t>(value, 0, kTokensMax);
}

void overwrite(int64_t& counter, const std::optional<int64_t>& value) {
  if (value) counter = clamp_tokens(*value);
}

/// Gives `total` cache writes the split of lives that was told before; without one, 5 minutes.
void rescale_writes(Tokens& tokens, int64_t total) {
  const int64_t before = tokens.cache_write_5m + tokens.cache_write_1h;
  if (before == total) return;
  if (before == 0) {
    tokens.cache_write_5m = total;
    return;
  }
  // Both factors are at most 10^9, so the product fits. The dearer life is rounded up.
  tokens.cache_write_1h = (tokens.cache_write_1h * total + before - 1) / before;
  tokens.cache_write_5m = total - tokens.cache_write_1h;
}

void merge_writes(Tokens& tokens, const UsagePatch& patch) {
  overwrite(tokens.cache_write_5m, patch.cache_write_5m);
  overwrite(tokens.cache_write_1h, patch.cache_write_1h);
  if (!patch.cache_write) return;
  const int64_t total = clamp_tokens(*patch.cache_write);
  // A split in the same patch is the finer word, unless its sum contradicts the total.
  rescale_writes(tokens, total);
}

UsageIteration clamped(UsageIteration iteration) {
  Tokens& tokens = iteration.tokens;
  for (int64_t* counter : {&tokens.input, &tokens.cache_read, &tokens.cache_write_5m,
                           &tokens.cache_write_1h, &tokens.output}) {
    *counter = clamp_tokens(*counter);
  }
  return iteration;
}

}  // namespace

void merge(Usage& usage, const UsagePatch& patch) {
  overwrite(usage.tokens.input, patch.input);
  overwrite(usage.tokens.cache_read, patch.cache_read);
  merge_writes(usage.tokens, patch);
  overwrite(usage.tokens.output, patch.output);
  overwrite(usage.reasoning, patch.reasoning);
  overwrite(usage.web_searches, patch.web_searches);
  overwrite(usage.web_fetches, patch.web_fetches);
  if (patch.fast) usage.fast = *patch.fast;
  if (patch.service_tier) usage.service_tier = *patch.service_tier;
  if (patch.inference_geo) usage.inference_geo = *patch.inference_geo;
  if (patch.iterations) {
    usage.iterations.clear();
    for (const UsageIteration& iteration : *patch.iterations) {
      usage.iterations.push_back(clamped(iteration));
    }
  }
}

}  // namespace tollgate::model
