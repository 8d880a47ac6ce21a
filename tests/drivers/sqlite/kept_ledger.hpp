#pragma once

// A ledger whose journal a SQLite store keeps, as one process of several has it.

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>

#include "tollgate/sqlite.h"

#include "gateway/journal_keeper.hpp"
#include "support/catch.hpp"

namespace tollgate::sqlite_driver {

inline constexpr int64_t kToday = 1'795'338'000'000;  // 2026-11-22T09:00:00Z

inline Time at(int64_t ms) {
  return {static_cast<uint64_t>(1'000'000 + ms) * kMillisecond, kToday + ms};
}

/// A folder that goes with the test.
struct Folder {
  std::filesystem::path path;

  Folder() {
    static int made = 0;
    path = std::filesystem::temp_directory_path() /
           ("tollgate-sqlite-" + std::to_string(getpid()) + "-" + std::to_string(++made));
    std::filesystem::create_directories(path);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string file() const { return path / "ledger.db"; }
};

inline tg_bytes bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline std::string text(tg_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

struct CloseStore {
  void operator()(tg_sqlite* store) const { tg_sqlite_close(store); }
};
using OwnedStore = std::unique_ptr<tg_sqlite, CloseStore>;

inline OwnedStore open_store(const std::string& file, std::string* why = nullptr) {
  tg_sqlite* store = nullptr;
  tg_error* error = nullptr;
  tg_sqlite_open(bytes(file), TG_SQLITE_PROCESS, kToday, &store, &error);
  if (why != nullptr) *why = text(tg_error_message(error));
  tg_error_free(error);
  return OwnedStore(store);
}

struct KeptLedger {
  std::shared_ptr<exchange::Environment> environment = std::make_shared<exchange::Environment>();
  gateway::JournalKeeper keeper{environment};
  OwnedStore store;

  KeptLedger(const std::string& file, uint64_t seed) : store(open_store(file)) {
    REQUIRE(store != nullptr);
    environment->seed_high = seed;
    environment->seed_low = seed + 1;
    REQUIRE(keeper.start(at(0)).ok());
    write(at(0));
  }

  ledger::Ledger& ledger() { return *environment->ledger; }

  /// Writes all there is.
  void write(Time now) {
    for (std::string_view batch = keeper.next(now); !batch.empty(); batch = keeper.next(now)) {
      tg_bytes reply = {nullptr, 0};
      REQUIRE(tg_sqlite_apply(store.get(), bytes(batch), &reply, nullptr) == TG_OK);
      REQUIRE(keeper.done(text(reply), now).ok());
    }
  }

  /// A reservation that the store granted, or 0.
  uint64_t reserve(const ledger::Charge& charge, Time now) {
    ledger::AdmissionRequest request;
    request.charges = {&charge, 1};
    request.amount = NanoUsd{charge.need};
    const Result<ledger::Admission> admission = ledger().admit(request, now);
    REQUIRE(admission.ok());
    if (admission.value().verdict != ledger::Verdict::kAdmitted) return 0;
    write(now);
    const uint64_t id = admission.value().reservation;
    return ledger().is_open(id) ? id : 0;
  }
};

inline ledger::Charge charge(std::string_view rule, Measure measure, Period period, int64_t limit,
                             int64_t need) {
  ledger::Charge made;
  made.rule = rule;
  made.hash = ledger::charge_hash(text_hash(rule), text_hash(""));
  made.measure = measure;
  made.period = period;
  if (measure != Measure::kSlots && !ledger::slides(measure, period)) {
    made.window = window_at(period, kToday, Zone());
  }
  made.limit = limit;
  made.need = need;
  return made;
}

}  // namespace tollgate::sqlite_driver
