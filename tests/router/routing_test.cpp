#include "router/routing.hpp"

#include "support/catch.hpp"

namespace tollgate::router {
namespace {

TEST_CASE("defaults are those of the reference, with 529 in both lists") {
  const RouteTarget target;
  CHECK(target.retry.attempts == 2);
  CHECK(target.retry.delay_ns == 100 * kMillisecond);
  CHECK(target.fallback_candidate);
  for (uint32_t code = 0; code <= 700; ++code) {
    CAPTURE(code);
    const bool retried = code == 429 || code == 500 || code == 502 || code == 503 || code == 529;
    CHECK(target.retry.on.has(code) == retried);
    CHECK(target.fallback_on.has(code) ==
          (retried || code == 401 || code == 403 || code == 404 || code == 408));
  }
}

TEST_CASE("names are those of the configuration") {
  CHECK(strategy_name(Strategy::kWeight) == "weight-based-routing");
  CHECK(strategy_name(Strategy::kLatency) == "latency-based-routing");
  CHECK(strategy_name(Strategy::kPriority) == "priority-based-routing");
  CHECK(strategy_name(Strategy::kComplexity) == "complexity-based-routing");
  CHECK(tier_name(Tier::kSimple) == "simple");
  CHECK(tier_name(Tier::kMedium) == "medium");
  CHECK(tier_name(Tier::kComplex) == "complex");
}

}  // namespace
}  // namespace tollgate::router
