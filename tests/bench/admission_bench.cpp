// What it costs to admit an attempt and to settle it: finding the rules, reserving, booking. The
// journal is apart, as its cost is its store's.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "exchange/charges.hpp"
#include "ledger/ledger.hpp"
#include "policy/rule_set.hpp"

namespace {

using namespace tollgate;

constexpr size_t kUsers = 10'000;
constexpr int64_t kUsd = 1'000'000'000;
constexpr int64_t kPlenty = 1'000'000'000 * kUsd / 1'000;

policy::Rule rule_named(const std::string& name, policy::Limit limit) {
  policy::Rule rule;
  rule.id = name;
  rule.key = "budget/" + name;
  rule.limits = {limit};
  return rule;
}

/// Fifty rules, of which five apply: a day of the user's, a month of all and one of the model,
/// requests a minute and requests at a time of the user. The others are of other teams, models and
/// metadata.
policy::RuleSet rules() {
  std::vector<policy::Rule> all;
  const policy::Per user{policy::Dimension::kUser, {}};
  policy::Rule day = rule_named("day", {Measure::kMoney, Period::kDay, kPlenty});
  day.per = {user};
  all.push_back(day);
  all.push_back(rule_named("month", {Measure::kMoney, Period::kMonth, kPlenty}));
  policy::Rule opus = rule_named("opus", {Measure::kMoney, Period::kMonth, kPlenty});
  opus.when.has_models = true;
  opus.when.models = {true, policy::NameSet({"eng/opus"}), {}};
  all.push_back(opus);
  policy::Rule pace = rule_named("pace", {Measure::kRequests, Period::kMinute, 1'000'000'000});
  pace.per = {user};
  all.push_back(pace);
  policy::Rule slots = rule_named("slots", {Measure::kSlots, Period::kLifetime, 1'000});
  slots.per = {user};
  all.push_back(slots);
  for (int i = 0; all.size() < 50; ++i) {
    policy::Rule other =
        rule_named("other-" + std::to_string(i), {Measure::kMoney, Period::kDay, kUsd});
    const std::string name = std::to_string(i);
    if (i % 3 == 0) other.when.teams = {true, policy::NameSet({"team-" + name}), {}};
    if (i % 3 == 1) {
      other.when.has_models = true;
      other.when.models = {true, policy::NameSet({"eng/model-" + name}), {}};
    }
    if (i % 3 == 2) {
      other.when.metadata.emplace_back(
          "project", policy::Filter{true, policy::NameSet({"project-" + name}), {}});
    }
    all.push_back(std::move(other));
  }
  return policy::RuleSet(std::move(all));
}

std::vector<model::Principal> users() {
  std::vector<model::Principal> all(kUsers);
  for (size_t i = 0; i < kUsers; ++i) {
    all[i].kind = model::PrincipalKind::kUser;
    all[i].name = "developer-" + std::to_string(i) + "@corp.example";
    all[i].teams = {"everyone", "engineering"};
  }
  return all;
}

/// What the threads of a benchmark share, as the exchanges of a gateway do.
struct Shared {
  policy::RuleSet rule_set = rules();
  std::vector<model::Principal> principals = users();
  ledger::Ledger ledger;
};

Shared& shared() {
  static Shared one;
  return one;
}

void admission_and_settlement(benchmark::State& state) {
  Shared& all = shared();
  const model::Metadata metadata = {{"project", "infra"}, {"environment", "dev"}};
  const policy::TargetNames names{"opus", {}, "eng/opus", "eng"};
  policy::Matches of_principal;
  policy::Matches of_target;
  exchange::ChargeList charges;
  uint64_t next = static_cast<uint64_t>(state.thread_index()) * 7'919;
  for (auto _ : state) {
    // An hour of virtual time passes with every two million requests: windows slide.
    const uint64_t mono_ns = 1'000'000'000 + next * 1'800;
    const Time now{mono_ns, 1'795'338'000'000 + static_cast<int64_t>(mono_ns / kMillisecond)};
    const policy::Caller caller{&all.principals[next * 31 % kUsers], &metadata, {}, {}, {}};
    ++next;
    const exchange::Needs needs{2 * kUsd, 80'000};
    all.rule_set.match(policy::Phase::kPrincipal, caller, {}, of_principal);
    charges.clear();
    charges.add(of_principal, exchange::Take::kOnce, {}, now);
    const auto once = all.ledger.admit({{}, NanoUsd{0}, kNoDeadline, charges.charges, 0}, now);
    all.rule_set.match(policy::Phase::kTarget, caller, names, of_target);
    charges.clear();
    charges.add(of_principal, exchange::Take::kSpend, needs, now);
    charges.add(of_target, exchange::Take::kAll, needs, now);
    const auto attempt =
        all.ledger.admit({{}, NanoUsd{needs.nano_usd}, mono_ns + kSecond, charges.charges, 0}, now);
    if (!attempt.ok() || attempt.value().verdict != ledger::Verdict::kAdmitted || !once.ok() ||
        once.value().verdict != ledger::Verdict::kAdmitted) {
      state.SkipWithError("not admitted");
      break;
    }
    static_cast<void>(
        all.ledger.settle(attempt.value().reservation, {NanoUsd{170'000'000}, 21'000}, now));
    static_cast<void>(all.ledger.settle(once.value().reservation, NanoUsd{0}, now));
  }
  state.counters["rules"] = benchmark::Counter(static_cast<double>(all.rule_set.rules().size()),
                                               benchmark::Counter::kAvgThreads);
}
BENCHMARK(admission_and_settlement);
BENCHMARK(admission_and_settlement)->Threads(2)->UseRealTime();

}  // namespace
