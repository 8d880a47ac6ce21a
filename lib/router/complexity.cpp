#include "router/complexity.hpp"

#include <algorithm>

namespace tollgate::router {
namespace {

uint32_t points(uint64_t amount, uint64_t per_point, uint32_t most) {
  return static_cast<uint32_t>(std::min<uint64_t>(amount / per_point, most));
}

}  // namespace

uint32_t complexity_score(const model::RequestFacts& facts) {
  uint32_t score = points(facts.last_message_bytes, 100, 25);
  score += points(facts.text_bytes, 4'000, 25);
  score += points(facts.message_count, 4, 15);
  score += points(facts.tool_count, 4, 10);
  if (facts.wants_thinking) score += 10;
  if (facts.has_images || facts.has_documents) score += 10;
  if (facts.wants_structured_output) score += 5;
  return score;
}

Tier tier_of(uint32_t score, const ComplexityThresholds& thresholds) {
  if (score >= thresholds.complex) return Tier::kComplex;
  return score >= thresholds.medium ? Tier::kMedium : Tier::kSimple;
}

}  // namespace tollgate::router
