// Many exchanges over targets that fail in every way, with a virtual clock. A world is a gateway
// and what its targets do; everything in it follows from its seed, which a failure prints.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "sim/simulated_exchange.hpp"
#include "support/fake_host.hpp"

namespace tollgate::sim {
namespace {

// A sanitizer makes each run cost ten times as much.
#ifdef TOLLGATE_SANITIZED
constexpr size_t kRuns = 5'000;
#else
constexpr size_t kRuns = 100'000;
#endif

/// TOLLGATE_SIM_RUNS asks for another number.
size_t runs_asked() {
  const char* asked = std::getenv("TOLLGATE_SIM_RUNS");
  const size_t count = asked != nullptr ? std::strtoull(asked, nullptr, 10) : 0;
  return count != 0 ? count : kRuns;
}

constexpr size_t kRunsPerWorld = 200;
constexpr size_t kTargets = 4;
constexpr size_t kOpenMax = 8;
constexpr uint32_t kRetriesMax = 6;  // What the routings below ask for, at most.

constexpr std::string_view kRoutings[] = {
    "  type: weight-based-routing\n  load_balance_targets:\n"
    "    - {target: acc0/m, weight: 60}\n    - {target: acc1/m, weight: 30}\n"
    "    - {target: acc2/m, weight: 10}\n",
    "  type: priority-based-routing\n  load_balance_targets:\n"
    "    - {target: acc0/m, priority: 0, sla_cutoff: {time_to_first_token_ms: 500}, timeouts: "
    "{first_byte_seconds: 5}}\n"
    "    - {target: acc1/m, priority: 1, retry_config: {attempts: 3, delay: 20}}\n"
    "    - {target: acc2/m, priority: 1, retry_config: {attempts: 3, delay: 20}}\n",
    "  type: latency-based-routing\n  load_balance_targets:\n"
    "    - {target: acc0/m, timeouts: {first_byte_seconds: 10, idle_seconds: 4}}\n"
    "    - {target: acc1/m}\n    - {target: acc2/m, fallback_candidate: false}\n",
    "  type: weight-based-routing\n  affinity: request\n  load_balance_targets:\n"
    "    - {target: acc0/m, weight: 50, fallback_status_codes: [\"529\"]}\n"
    "    - {target: acc1/m, weight: 50, fallback_status_codes: []}\n",
    "  type: priority-based-routing\n  load_balance_targets:\n"
    "    - {target: acc0/m, max_concurrent_requests: 2, queue_seconds: 5}\n"
    "    - {target: acc2/m, priority: 1, requests_per_minute: 20, max_concurrent_requests: 2}\n",
};

/// Accounts acc0 to acc3, and "coding" over three of them. acc3 is never eligible.
std::string config_of(std::string_view routing) {
  std::string text;
  for (size_t i = 0; i < kTargets; ++i) {
    const std::string name = "acc" + std::to_string(i);
    text += "type: provider-account/anthropic\nname: " + name +
            "\nbase_url: http://127.0.0.1:9101\nauth_data: {type: api-key, api_key: sk}\n"
            "integrations: [{name: m, model_id: m}]\n---\n";
  }
  text +=
      "type: user\nname: dev@corp.example\ntokens: [{env: TOKEN_1}]\n---\n"
      "name: coding\nrouting_config:\n" +
      std::string(routing) + "    - {target: acc3/m, " +
      (routing.find("weight-based") != std::string_view::npos ? "weight: 10, " : "") +
      "metadata_match: {never: so}}\n";
  return text;
}

class World {
 public:
  World(std::shared_ptr<const config::Configuration> configuration, uint64_t seed)
      : configuration_(std::move(configuration)), rng_(seed), weather_(kTargets) {
    environment_->host_capabilities = ~uint64_t{0};
    environment_->seed_low = seed;
    const size_t coding = configuration_->routes.find("coding");
    for (const router::RouteTarget& target :
         configuration_->routes.models()[coding].routing.targets)
      bounded_ = bounded_ || target.protection.any();
  }

  /// The first invariant that broke, or nothing.
  std::string run(size_t runs) {
    size_t begun = 0;
    while (broken_.empty() && (begun < runs || !open_.empty())) {
      if (begun < runs && (open_.empty() || (open_.size() < kOpenMax && rng_.below(2) == 0))) {
        begin(++begun);
      } else {
        step();
      }
      if (rng_.below(40) == 0) change_weather();
    }
    if (broken_.empty() && environment_->ledger->open_reservations() != 0) {
      broken_ = "leases come back";
    }
    if (broken_.empty() && environment_->rooms.open() != 0) broken_ = "room comes back";
    if (broken_.empty() && environment_->open_exchanges.load() != 0) broken_ = "exchanges end";
    const size_t minutes = time_.mono_ns / (60 * kSecond) + 1;
    if (broken_.empty() && retries_ > 10 * (minutes + 1) + runs * 2 / 5) {
      broken_ = "retries are a share of the requests";
    }
    return broken_;
  }

 private:
  void begin(size_t number) {
    open_.emplace_back(environment_, configuration_, mix64(rng_.next() + number),
                       rng_.below(3) != 0, time_);
    // One in eight asks for a model without routing.
    const std::string_view model = rng_.below(8) == 0 ? "acc1/m" : "coding";
    open_.back().begin(model, "s-" + std::to_string(rng_.below(40)), time_);
    look_at(open_.size() - 1);
  }

  /// The exchange for which something is due first goes on then.
  void step() {
    size_t next = 0;
    for (size_t i = 1; i < open_.size(); ++i) {
      if (open_[i].due_ns() < open_[next].due_ns()) next = i;
    }
    const uint64_t due = open_[next].due_ns();
    if (due > time_.mono_ns) {
      time_.wall_ms += static_cast<int64_t>((due - time_.mono_ns) / kMillisecond);
      time_.mono_ns = due;
    }
    if (++steps_ > kRunsPerWorld * 200) broken_ = "it comes to an end";
    open_[next].go_on(weather_, time_);
    look_at(next);
  }

  void look_at(size_t index) {
    SimulatedExchange& one = open_[index];
    if (!one.broken().empty()) broken_ = one.broken();
    for (const std::string& target : one.called()) {
      if (target == "acc3/m") broken_ = "a target that is left out is not called";
    }
    if (bounded_ && calls_at("acc0/m") > 2) broken_ = "never more calls than there is room";
    if (!one.done()) return;
    if (one.called().size() > limits::kAttemptsMax) broken_ = "attempts are bounded";
    if (one.retries() > kRetriesMax) broken_ = "retries are within the budget";
    retries_ += one.retries();
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(index));
  }

  size_t calls_at(std::string_view target) const {
    return static_cast<size_t>(
        std::count_if(open_.begin(), open_.end(),
                      [&](const SimulatedExchange& one) { return one.calling() == target; }));
  }

  void change_weather() {
    Weather& one = weather_[rng_.below(kTargets)];
    constexpr uint32_t kWell[] = {0, 50, 90, 100, 100};
    one.well_percent = kWell[rng_.below(std::size(kWell))];
    one.worst = static_cast<Behaviour>(rng_.below(kBehaviours));
  }

  std::shared_ptr<exchange::Environment> environment_ = std::make_shared<exchange::Environment>();
  std::shared_ptr<const config::Configuration> configuration_;
  Rng rng_;
  std::vector<Weather> weather_;
  std::vector<SimulatedExchange> open_;
  Time time_{kSecond, 1'795'338'000'000};
  bool bounded_ = false;  ///< acc0/m has room for two calls.
  size_t steps_ = 0;
  size_t retries_ = 0;
  std::string broken_;
};

std::shared_ptr<const config::Configuration> load(std::string_view routing) {
  const std::string text = config_of(routing);
  auto loaded = config::load(text, "sim.yaml", test::test_lookup, {kSecond, 1'795'338'000'000});
  if (loaded.configuration == nullptr) FAIL(config::to_line(loaded.diagnostics.front()));
  return loaded.configuration;
}

TEST_CASE("whatever the targets do, every exchange ends well-formed and within its budgets") {
  std::vector<std::shared_ptr<const config::Configuration>> configurations;
  for (const std::string_view routing : kRoutings)
    configurations.push_back(load(routing));
  for (uint64_t seed = 1; seed <= runs_asked() / kRunsPerWorld; ++seed) {
    World world(configurations[seed % configurations.size()], seed);
    const std::string broken = world.run(kRunsPerWorld);
    CAPTURE(seed, broken);
    REQUIRE(broken.empty());
  }
}

TEST_CASE("while all is well, conversations are shared by weight and each stays where it is") {
  const auto configuration = load(kRoutings[0]);
  auto environment = std::make_shared<exchange::Environment>();
  environment->host_capabilities = ~uint64_t{0};
  const std::vector<Weather> fine(kTargets);
  constexpr int kConversations = 3'000;
  std::map<std::string, int> homes;
  Time time{kSecond, 1'795'338'000'000};
  for (int i = 0; i < kConversations; ++i) {
    std::string home;
    for (int turn = 0; turn < 3; ++turn) {
      SimulatedExchange one(environment, configuration, 7, true, time);
      one.begin("coding", "conversation-" + std::to_string(i), time);
      while (!one.done()) {
        time.mono_ns = std::max(time.mono_ns, one.due_ns());
        one.go_on(fine, time);
      }
      REQUIRE(one.called().size() == 1);
      if (turn == 0) home = one.called()[0];
      REQUIRE(one.called()[0] == home);
    }
    ++homes[home];
  }
  const std::map<std::string, double> shares = {{"acc0/m", 0.6}, {"acc1/m", 0.3}, {"acc2/m", 0.1}};
  for (const auto& [name, share] : shares) {
    const double deviation = std::sqrt(kConversations * share * (1 - share));
    CAPTURE(name, homes[name]);
    CHECK(std::abs(homes[name] - kConversations * share) < 4 * deviation);
  }
}

}  // namespace
}  // namespace tollgate::sim
