#include "router/complexity.hpp"

#include "support/catch.hpp"

namespace tollgate::router {
namespace {

TEST_CASE("the score adds up what is cheap to see") {
  model::RequestFacts facts;
  CHECK(complexity_score(facts) == 0);
  facts.last_message_bytes = 350;
  CHECK(complexity_score(facts) == 3);
  facts.text_bytes = 40'000;
  CHECK(complexity_score(facts) == 13);
  facts.message_count = 8;
  CHECK(complexity_score(facts) == 15);
  facts.tool_count = 12;
  CHECK(complexity_score(facts) == 18);
  facts.wants_thinking = true;
  CHECK(complexity_score(facts) == 28);
  facts.has_images = true;
  facts.has_documents = true;
  CHECK(complexity_score(facts) == 38);
  facts.wants_structured_output = true;
  CHECK(complexity_score(facts) == 43);
  facts.last_message_bytes = 1'000'000;
  facts.text_bytes = 1'000'000'000;
  facts.message_count = 1'000;
  facts.tool_count = 1'000;
  CHECK(complexity_score(facts) == 100);
}

TEST_CASE("tiers begin at their thresholds") {
  const ComplexityThresholds thresholds{20, 50};
  CHECK(tier_of(0, thresholds) == Tier::kSimple);
  CHECK(tier_of(19, thresholds) == Tier::kSimple);
  CHECK(tier_of(20, thresholds) == Tier::kMedium);
  CHECK(tier_of(49, thresholds) == Tier::kMedium);
  CHECK(tier_of(50, thresholds) == Tier::kComplex);
}

}  // namespace
}  // namespace tollgate::router
