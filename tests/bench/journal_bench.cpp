// What the journal adds to admission and settlement: the same requests with nobody who keeps it,
// and with a SQLite file at each durability. Requests come in groups, as those of several clients
// do: a group's reservations are one batch for the file, its settlements another one.

#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include <benchmark/benchmark.h>

#include "tollgate/sqlite.h"

#include "exchange/environment.hpp"
#include "gateway/journal_keeper.hpp"
#include "ledger/lease.hpp"
#include "support/charge.hpp"

namespace {

using namespace tollgate;

constexpr int64_t kPlenty = 1'000'000'000'000'000;
using test::charge;
using test::kToday;

enum Kept : int64_t { kNowhere, kProcessCrash, kPowerLoss };

Time at(uint64_t ms) {
  return {ms * kMillisecond, kToday + static_cast<int64_t>(ms)};
}

/// A ledger with a journal, and the file that has it.
class Keeper {
 public:
  explicit Keeper(int64_t kept) {
    if (kept == kNowhere) return;
    folder_ =
        std::filesystem::temp_directory_path() / ("tollgate-bench-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    const std::string file = folder_ / "ledger.db";
    const int32_t durability = kept == kPowerLoss ? TG_SQLITE_POWER_LOSS : TG_SQLITE_PROCESS;
    sound_ = tg_sqlite_open({reinterpret_cast<const uint8_t*>(file.data()), file.size()},
                            durability, kToday, &store_, nullptr) == TG_OK &&
             keeper_.start(at(1)).ok();
    write(at(1));
  }
  ~Keeper() {
    tg_sqlite_close(store_);
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  void write(Time now) {
    if (store_ == nullptr) return;
    for (std::string_view batch = keeper_.next(now); !batch.empty(); batch = keeper_.next(now)) {
      tg_bytes reply = {nullptr, 0};
      const tg_bytes bytes = {reinterpret_cast<const uint8_t*>(batch.data()), batch.size()};
      sound_ = sound_ && tg_sqlite_apply(store_, bytes, &reply, nullptr) == TG_OK &&
               keeper_.done({reinterpret_cast<const char*>(reply.data), reply.size}, now).ok();
      if (!sound_) return;
    }
  }

  bool sound() const { return sound_; }
  const std::shared_ptr<ledger::Ledger>& ledger() const { return environment_->ledger; }

 private:
  std::shared_ptr<exchange::Environment> environment_ = std::make_shared<exchange::Environment>();
  gateway::JournalKeeper keeper_{environment_};
  std::filesystem::path folder_;
  tg_sqlite* store_ = nullptr;
  bool sound_ = true;
};

/// Three budgets, requests a minute and tokens an hour.
void journal_of_a_request(benchmark::State& state) {
  Keeper keeper(state.range(0));
  const auto group = static_cast<size_t>(state.range(1));
  const std::array<ledger::Charge, 5> charges = {
      charge("budget/day", Measure::kMoney, Period::kDay, kPlenty, 2'000),
      charge("budget/month", Measure::kMoney, Period::kMonth, kPlenty, 2'000),
      charge("budget/opus", Measure::kMoney, Period::kMonth, kPlenty, 2'000),
      charge("limit/pace", Measure::kRequests, Period::kMinute, kPlenty, 1),
      charge("limit/tokens", Measure::kTokens, Period::kHour, kPlenty, 80'000)};
  std::vector<uint64_t> open;
  uint64_t ms = 2;
  for (auto _ : state) {
    // A thousand requests a second.
    const Time now = at(ms);
    ms += group;
    open.clear();
    for (size_t i = 0; i < group; ++i) {
      const auto admission =
          keeper.ledger()->admit({{}, NanoUsd{2'000}, kNoDeadline, charges, 0}, now);
      if (admission.ok()) open.push_back(admission.value().reservation);
    }
    keeper.write(now);
    for (const uint64_t id : open)
      static_cast<void>(keeper.ledger()->settle(id, {NanoUsd{1'700}, 21'000}, now));
    keeper.write(now);
    if (!keeper.sound() || open.size() != group || keeper.ledger()->open_reservations() != 0) {
      state.SkipWithError("not kept");
      break;
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(group) * static_cast<int64_t>(state.iterations()));
  state.counters["cpu_per_request"] =
      benchmark::Counter(static_cast<double>(group) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(journal_of_a_request)
    ->ArgNames({"kept", "group"})
    ->ArgsProduct({{kNowhere, kProcessCrash, kPowerLoss}, {1, 16}});

}  // namespace
