// A ledger over a random tree of rules with virtual time, a store behind its journal and crashes at
// any moment. The seed is printed; TOLLGATE_SEED runs one seed, TOLLGATE_SIM_STEPS makes it longer.

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "ledger/ledger.hpp"
#include "support/catch.hpp"

namespace tollgate::ledger {
namespace {

constexpr size_t kUsers = 9;
constexpr size_t kTeams = 3;
constexpr size_t kModels = 4;
constexpr int64_t kStartMs = 1'795'338'000'000;
constexpr uint64_t kMsNs = 1'000'000;

/// What the branches of the tree are told apart by.
enum class Level : uint8_t { kAll, kTeam, kUser, kModel };

struct SimRule {
  std::string key;
  Level level = Level::kAll;
  Measure measure = Measure::kMoney;
  Period period = Period::kDay;
  int64_t limit = 0;
  Force force = Force::kEnforce;
};

/// A counter in one of its windows, as store and paper know it.
struct CounterKey {
  size_t rule = 0;
  std::string entity;
  int64_t window_start = 0;
  friend auto operator<=>(const CounterKey&, const CounterKey&) = default;
};

struct Books {
  Window window;
  int64_t settled = 0;
  int64_t overrun = 0;
  int64_t reserved = 0;
  friend bool operator==(const Books&, const Books&) = default;
};

bool is_journaled(const SimRule& rule) {
  return rule.measure != Measure::kSlots && !slides(rule.measure, rule.period);
}

/// What a store keeps, by the rules that journal.hpp states and nothing else.
class PaperStore {
 public:
  explicit PaperStore(const std::vector<SimRule>& rules) : rules_(rules) {}

  void begin_run() { ++run_; }

  void write(const Batch& batch) {
    for (const Entry& entry : batch.entries) {
      // Windows that slide, and slots, are for stores that several processes share: a run of this
      // one begins with none.
      const Scope& scope = *entry.scope;
      if (scope.measure != Measure::kSlots && !slides(scope.measure, scope.period)) apply(entry);
    }
  }

  const std::map<CounterKey, Books>& books() const { return books_; }

 private:
  using HeldKey = std::tuple<CounterKey, uint64_t, uint64_t>;

  void apply(const Entry& entry) {
    const CounterKey key{rule_of(entry.scope->rule), entry.scope->entity, entry.window.start_ms};
    Books& books = books_[key];
    books.window = entry.window;
    const HeldKey held{key, run_, entry.reservation};
    switch (entry.kind) {
      case EntryKind::kReserve:
        held_[held] = entry.amount;
        books.reserved += entry.amount;
        return;
      case EntryKind::kSettle:
      case EntryKind::kExpire:
        books.settled += entry.amount;
        books.overrun += entry.overrun;
        [[fallthrough]];
      case EntryKind::kRelease:
        books.reserved -= held_.at(held);
        held_.erase(held);
        return;
      case EntryKind::kRecover:
        books.settled += entry.amount;
        std::erase_if(held_, [&](const auto& one) {
          if (std::get<0>(one.first) != key || std::get<1>(one.first) == run_) return false;
          books.reserved -= one.second;
          return true;
        });
        return;
      case EntryKind::kAdjust:
        books.settled += entry.amount;
        books.overrun += entry.overrun;
        return;
    }
  }

  size_t rule_of(const std::string& key) const {
    const auto found = std::find_if(rules_.begin(), rules_.end(),
                                    [&](const SimRule& rule) { return rule.key == key; });
    return static_cast<size_t>(found - rules_.begin());
  }

  const std::vector<SimRule>& rules_;
  std::map<CounterKey, Books> books_;
  std::map<HeldKey, int64_t> held_;
  uint64_t run_ = 0;
};

/// A request that was let in.
struct Running {
  uint64_t id = 0;
  uint64_t sequence = 0;
  int64_t amount = 0;
  int64_t tokens = 0;
  uint64_t expires_ns = 0;
  bool opened = false;  ///< Its reservation is durable and its call was made.
  std::vector<std::pair<CounterKey, int64_t>> holds;
};

class Simulation {
 public:
  explicit Simulation(uint64_t seed) : rng_(seed) {
    for (size_t i = 0; i < 8; ++i)
      add_rule(i);
    start();
  }

  /// The name of the first invariant that broke and the step; empty when none did.
  std::string run(size_t steps) {
    for (size_t step = 0; step < steps && broken_.empty(); ++step) {
      const uint64_t choice = rng_.below(1'000);
      if (choice < 450) {
        admit();
      } else if (choice < 700) {
        resolve();
      } else if (choice < 760) {
        resolve_again();
      } else if (choice < 860) {
        pass_time();
      } else if (choice < 990) {
        keep_journal();
      } else if (choice < 996) {
        crash();
      } else {
        adjust();
      }
      check_books();
      if (!broken_.empty()) broken_ += " at step " + std::to_string(step);
    }
    return broken_;
  }

  size_t admitted = 0;
  size_t refused = 0;
  size_t waited = 0;
  size_t expired = 0;
  size_t crashes = 0;
  size_t recovered = 0;
  size_t new_windows = 0;

 private:
  Time now() const { return {mono_ns_, wall_ms_}; }

  void expect(bool holds, const char* invariant) {
    if (!holds && broken_.empty()) broken_ = invariant;
  }

  void add_rule(size_t index) {
    SimRule rule;
    rule.key = "rule-" + std::to_string(index);
    rule.level = static_cast<Level>(rng_.below(4));
    const uint64_t kind = rng_.below(10);
    if (kind < 6) {
      constexpr Period kPeriods[] = {Period::kDay, Period::kMonth, Period::kLifetime};
      rule.period = kPeriods[rng_.below(3)];
      rule.limit = static_cast<int64_t>(rng_.below(60'000)) + 1'500;
      if (rule.period == Period::kLifetime) rule.limit *= 100;
    } else if (kind < 8) {
      rule.measure = Measure::kRequests;
      rule.period = rng_.below(2) == 0 ? Period::kMinute : Period::kDay;
      rule.limit = static_cast<int64_t>(rng_.below(200)) + 1;
    } else if (kind < 9) {
      rule.measure = Measure::kSlots;
      rule.period = Period::kLifetime;
      rule.limit = static_cast<int64_t>(rng_.below(8)) + 1;
    } else {
      rule.measure = Measure::kTokens;
      rule.limit = static_cast<int64_t>(rng_.below(40'000)) + 1'000;
    }
    if (rng_.below(6) == 0) rule.force = Force::kCount;
    rules_.push_back(std::move(rule));
  }

  void start() {
    ledger_ = std::make_unique<Ledger>();
    ledger_->journal().enable();
    store_.begin_run();
    paper_.clear();
    latest_.clear();
    taken_.clear();
    for (const auto& [key, books] : store_.books()) {
      if (books.window.end_ms <= wall_ms_) continue;
      const SimRule& rule = rules_[key.rule];
      const Restored counter{rule.key,     key.entity,    rule.measure,  rule.period,
                             books.window, books.settled, books.overrun, books.reserved};
      expect(ledger_->restore(counter, now()).ok(), "restores");
      recovered += books.reserved != 0 ? 1 : 0;
      // never-to-zero: what nobody resolved counts in full.
      paper_[key] = {books.window, books.settled + books.reserved, books.overrun, 0};
      latest_[{key.rule, key.entity}] = books.window;
    }
  }

  Charge charge_of(size_t index, const std::string& entity, int64_t need) const {
    const SimRule& rule = rules_[index];
    Charge charge;
    charge.rule = rule.key;
    charge.entity = entity;
    charge.hash = charge_hash(text_hash(rule.key), text_hash(entity));
    charge.measure = rule.measure;
    charge.period = rule.period;
    if (is_journaled(rule)) charge.window = window_at(rule.period, wall_ms_, Zone());
    charge.limit = rule.limit;
    charge.need = need;
    charge.force = rule.force;
    return charge;
  }

  /// The window a counter is in: the latest it has seen, also when the clock steps back.
  Window window_of(const Charge& charge, size_t rule) {
    const auto known = latest_.find({rule, std::string(charge.entity)});
    if (known == latest_.end()) return charge.window;
    if (charge.window.start_ms > known->second.start_ms) {
      ++new_windows;
      known->second = charge.window;
    }
    return known->second;
  }

  void admit() {
    const size_t user = rng_.below(kUsers);
    const std::string entities[] = {"", "team-" + std::to_string(user % kTeams),
                                    "user-" + std::to_string(user),
                                    "model-" + std::to_string(rng_.below(kModels))};
    Running running;
    running.amount = static_cast<int64_t>(rng_.below(1'500));
    running.tokens = static_cast<int64_t>(rng_.below(900));
    running.expires_ns = mono_ns_ + (1 + rng_.below(600'000)) * kMsNs;
    std::vector<Charge> charges;
    for (size_t i = 0; i < rules_.size(); ++i) {
      const Measure measure = rules_[i].measure;
      const int64_t need = measure == Measure::kMoney    ? running.amount
                           : measure == Measure::kTokens ? std::min(running.tokens, rules_[i].limit)
                                                         : 1;
      charges.push_back(charge_of(i, entities[static_cast<size_t>(rules_[i].level)], need));
    }
    const auto admission =
        ledger_->admit({{}, NanoUsd{running.amount}, running.expires_ns, charges, 0}, now());
    expect(admission.ok(), "admission-answers");
    if (!admission.ok()) return;
    const bool fits = all_fit(charges);
    const bool in = admission.value().verdict == Verdict::kAdmitted;
    expect(in == fits, "no-overspend");
    if (!in) {
      ++(admission.value().verdict == Verdict::kWait ? waited : refused);
      return;
    }
    ++admitted;
    running.id = admission.value().reservation;
    running.sequence = admission.value().sequence;
    for (size_t i = 0; i < charges.size(); ++i)
      take(i, charges[i], running);
    running_.push_back(std::move(running));
  }

  /// What the paper says: exact for every kind of counter.
  bool all_fit(const std::vector<Charge>& charges) {
    bool fits = true;
    for (size_t i = 0; i < charges.size(); ++i) {
      const Charge& charge = charges[i];
      int64_t used = 0;
      if (slides(charge.measure, charge.period)) {
        std::vector<uint64_t>& times = taken_[{i, std::string(charge.entity)}];
        const uint64_t window = sliding_ns(charge.period);
        std::erase_if(times, [&](uint64_t at) { return at + window <= mono_ns_; });
        used = static_cast<int64_t>(times.size());
      } else {
        const Window window = window_of(charge, i);
        const auto found = paper_.find({i, std::string(charge.entity), window.start_ms});
        if (found != paper_.end()) {
          used = found->second.settled + found->second.overrun + found->second.reserved;
        }
      }
      if (charge.force != Force::kCount && used + charge.need > charge.limit) fits = false;
    }
    return fits;
  }

  void take(size_t rule, const Charge& charge, Running& running) {
    const std::string entity(charge.entity);
    if (slides(charge.measure, charge.period)) {
      taken_[{rule, entity}].push_back(mono_ns_);
      return;
    }
    const Window window = window_of(charge, rule);
    latest_.try_emplace({rule, entity}, window);
    const CounterKey key{rule, entity, window.start_ms};
    Books& books = paper_[key];
    books.window = window;
    books.reserved += charge.need;
    running.holds.emplace_back(key, charge.need);
  }

  /// Books a resolution on paper; nothing is used of what is given back.
  void book(const Running& running, std::optional<int64_t> cost, std::optional<int64_t> tokens) {
    for (const auto& [key, need] : running.holds) {
      Books& books = paper_.at(key);
      books.reserved -= need;
      const Measure measure = rules_[key.rule].measure;
      if (!cost || measure == Measure::kSlots) continue;
      int64_t used = need;
      if (measure == Measure::kMoney) used = *cost;
      if (measure == Measure::kTokens && tokens) used = *tokens;
      books.settled += std::min(used, need);
      books.overrun += std::max<int64_t>(used - need, 0);
    }
  }

  void resolve() {
    if (running_.empty()) return;
    const size_t which = rng_.below(running_.size());
    const Running running = running_[which];
    if (!running.opened) {
      // A call that was not made costs nothing: its client left.
      if (rng_.below(3) != 0) return;
      expect(ledger_->release(running.id, now()).ok(), "resolved-once");
      book(running, std::nullopt, std::nullopt);
    } else if (rng_.below(5) == 0) {
      expect(ledger_->release(running.id, now()).ok(), "resolved-once");
      book(running, std::nullopt, std::nullopt);
    } else {
      const uint64_t most = static_cast<uint64_t>(running.amount) + (rng_.below(10) == 0 ? 200 : 1);
      const auto cost = static_cast<int64_t>(rng_.below(most));
      const auto tokens = static_cast<int64_t>(rng_.below(1'000));
      expect(ledger_->settle(running.id, Outcome{NanoUsd{cost}, tokens}, now()).ok(),
             "resolved-once");
      book(running, cost, tokens);
      note_billed(running, cost);
    }
    resolved_.push_back(running.id);
    running_.erase(running_.begin() + static_cast<ptrdiff_t>(which));
  }

  /// What providers truly charge, as far as the reservation covers it: no crash may lose that.
  void note_billed(const Running& running, int64_t cost) {
    for (const auto& [key, need] : running.holds) {
      if (rules_[key.rule].measure == Measure::kMoney) billed_[key] += std::min(cost, need);
    }
  }

  void resolve_again() {
    if (resolved_.empty()) return;
    const uint64_t id = resolved_[rng_.below(resolved_.size())];
    const Status status =
        rng_.below(2) == 0 ? ledger_->release(id, now()) : ledger_->settle(id, NanoUsd{500}, now());
    expect(status.code() == Code::kState, "resolved-once");
  }

  void pass_time() {
    // Mostly moments, sometimes hours, so that days and months end under open reservations; and a
    // wall clock that steps back a little.
    const uint64_t ms = rng_.below(8) == 0 ? rng_.below(30'000'000) : rng_.below(9'000);
    mono_ns_ += ms * kMsNs;
    wall_ms_ += static_cast<int64_t>(ms);
    if (rng_.below(20) == 0) wall_ms_ -= static_cast<int64_t>(rng_.below(120'000));
    std::erase_if(running_, [&](const Running& running) {
      if (running.expires_ns > mono_ns_) return false;
      ++expired;
      book(running, running.amount, std::nullopt);
      // Nobody knows what it cost, but it was no more than that.
      if (running.opened) {
        note_billed(running,
                    static_cast<int64_t>(rng_.below(static_cast<uint64_t>(running.amount) + 1)));
      }
      resolved_.push_back(running.id);
      return true;
    });
  }

  void keep_journal() {
    Journal& journal = ledger_->journal();
    if (!under_way_) {
      under_way_ = journal.take();
      return;
    }
    if (rng_.below(8) == 0) {
      journal.put_back(std::move(*under_way_));
    } else {
      store_.write(*under_way_);
      static_cast<void>(journal.acknowledge(*under_way_));
    }
    under_way_.reset();
    for (Running& running : running_) {
      running.opened = running.opened || journal.is_durable(running.sequence, 0);
    }
  }

  /// The process is gone. What was being written may have reached the disk or not.
  void crash() {
    ++crashes;
    if (under_way_ && rng_.below(2) == 0) store_.write(*under_way_);
    under_way_.reset();
    for (const Running& running : running_) {
      if (!running.opened) continue;
      note_billed(running,
                  static_cast<int64_t>(rng_.below(static_cast<uint64_t>(running.amount) + 1)));
    }
    running_.clear();
    resolved_.clear();
    start();
    for (const auto& [key, billed] : billed_) {
      const auto found = store_.books().find(key);
      const bool known = found != store_.books().end();
      const Books books = known ? found->second : Books{};
      expect(books.settled + books.overrun + books.reserved >= billed, "nothing-lost");
    }
  }

  void adjust() {
    const size_t index = rng_.below(rules_.size());
    if (!is_journaled(rules_[index]) || rules_[index].level != Level::kAll) return;
    const Charge charge = charge_of(index, "", 0);
    const CounterKey key{index, "", charge.window.start_ms};
    const auto known = paper_.find(key);
    if (known == paper_.end() || latest_.at({index, ""}).start_ms != key.window_start) return;
    const auto delta = static_cast<int64_t>(rng_.below(400));
    expect(ledger_->adjust(charge, delta, "found later", now()).ok(), "adjusts");
    known->second.settled += delta;
  }

  void check_books() {
    // Any question makes the ledger look at the clock.
    static_cast<void>(ledger_->balance(charge_of(0, "", 0), now()));
    expect(ledger_->open_reservations() == running_.size(), "nothing-leaks");
    // All of them every step would be most of the work: one, and all now and then.
    const bool all = rng_.below(64) == 0;
    const size_t one = paper_.empty() ? 0 : rng_.below(paper_.size());
    size_t i = 0;
    for (auto entry = paper_.begin(); entry != paper_.end(); ++i) {
      const auto& [key, books] = *entry;
      const SimRule& rule = rules_[key.rule];
      const bool over = latest_.at({key.rule, key.entity}).start_ms > key.window_start;
      if (over && books.reserved == 0) {
        // Forgotten by the ledger with its last reservation.
        entry = paper_.erase(entry);
        continue;
      }
      if (all || i == one) {
        Charge charge = charge_of(key.rule, key.entity, 0);
        charge.window = books.window;
        const Balance balance = ledger_->balance(charge, now());
        expect(balance.reserved == books.reserved, "all-or-nothing");
        if (rule.measure != Measure::kSlots) {
          expect(balance.settled == books.settled && balance.overrun == books.overrun,
                 "own-window");
        }
      }
      ++entry;
    }
  }

  Rng rng_;
  std::vector<SimRule> rules_;
  PaperStore store_{rules_};
  std::unique_ptr<Ledger> ledger_;
  uint64_t mono_ns_ = kMsNs;
  int64_t wall_ms_ = kStartMs;
  std::map<CounterKey, Books> paper_;
  std::map<std::pair<size_t, std::string>, Window> latest_;
  std::map<std::pair<size_t, std::string>, std::vector<uint64_t>> taken_;
  std::map<CounterKey, int64_t> billed_;
  std::vector<Running> running_;
  std::vector<uint64_t> resolved_;
  std::optional<Batch> under_way_;
  std::string broken_;
};

std::vector<uint64_t> seeds() {
  if (const char* given = std::getenv("TOLLGATE_SEED")) return {std::strtoull(given, nullptr, 10)};
  std::vector<uint64_t> some;
  for (uint64_t seed = 1; seed <= 24; ++seed)
    some.push_back(seed * 0x9e3779b97f4a7c15ULL);
  return some;
}

size_t steps() {
  const char* given = std::getenv("TOLLGATE_SIM_STEPS");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 12'000;
}

}  // namespace

TEST_CASE("the ledger's invariants hold through random lives, crashes and new windows") {
  size_t admitted = 0;
  size_t refused = 0;
  size_t waited = 0;
  size_t expired = 0;
  size_t crashes = 0;
  size_t recovered = 0;
  size_t new_windows = 0;
  for (const uint64_t seed : seeds()) {
    INFO("TOLLGATE_SEED=" << seed);
    Simulation simulation(seed);
    CHECK(simulation.run(steps()) == "");
    admitted += simulation.admitted;
    refused += simulation.refused;
    waited += simulation.waited;
    expired += simulation.expired;
    crashes += simulation.crashes;
    recovered += simulation.recovered;
    new_windows += simulation.new_windows;
  }
  if (std::getenv("TOLLGATE_SEED") != nullptr) return;
  // Lives in which nothing was ever in the way would prove little.
  CHECK(admitted > 10'000);
  CHECK(refused > 10'000);
  CHECK(waited > 1'000);
  CHECK(expired > 1'000);
  CHECK(crashes > 500);
  CHECK(recovered > 1'000);
  CHECK(new_windows > 1'000);
}

}  // namespace tollgate::ledger
