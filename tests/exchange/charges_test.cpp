#include "exchange/charges.hpp"

#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

TEST_CASE("each step of admission takes its own limits") {
  policy::Rule rule;
  rule.key = "rate/a";
  rule.limits = {{Measure::kRequests, Period::kMinute, 60},
                 {Measure::kTokens, Period::kHour, 1'000},
                 {Measure::kSlots, Period::kLifetime, 4},
                 {Measure::kMoney, Period::kDay, 9}};
  policy::Matches matches;
  matches.all.push_back({&rule, "ann", text_hash("ann"), &rule.limits, policy::Mode::kSoftEnforce});
  const Time now{5, 1'795'338'000'000};
  const auto taken = [&](Take take) {
    ChargeList list;
    list.add(matches, take, {70, 30}, now);
    std::vector<std::pair<Measure, int64_t>> told;
    for (const ledger::Charge& charge : list.charges) {
      CHECK(charge.rule == "rate/a");
      CHECK(charge.entity == "ann");
      CHECK(charge.force == ledger::Force::kSoft);
      told.emplace_back(charge.measure, charge.need);
    }
    CHECK(list.origins.size() == list.charges.size());
    return told;
  };
  using Told = std::vector<std::pair<Measure, int64_t>>;
  CHECK(taken(Take::kOnce) == Told{{Measure::kRequests, 1}, {Measure::kSlots, 1}});
  CHECK(taken(Take::kSpend) == Told{{Measure::kTokens, 30}, {Measure::kMoney, 70}});
  CHECK(taken(Take::kAll).size() == 4);
}

}  // namespace
}  // namespace tollgate::exchange
