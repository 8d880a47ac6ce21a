#pragma once

// exchange/ is the state machine: it owns the order of things and nothing else. state.hpp is its
// law; exchange.hpp the machine; the rest are its parts. May include everything below gateway/.

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "base/time.hpp"
#include "exchange/alert_book.hpp"
#include "exchange/auxiliary.hpp"
#include "exchange/body_buffer.hpp"
#include "exchange/decision_book.hpp"
#include "exchange/key_ring.hpp"
#include "exchange/lesson_book.hpp"
#include "exchange/target_rooms.hpp"
#include "exchange/waker.hpp"
#include "json/reader.hpp"
#include "ledger/ledger.hpp"
#include "record/metrics.hpp"
#include "router/state.hpp"

namespace tollgate::exchange {

/// Parsers kept between requests: their memory is worth more than they are. Bounded.
class DocumentPool {
 public:
  /// Lends a parser and takes it back when the loan goes.
  class Loan {
   public:
    Loan(DocumentPool& pool, std::unique_ptr<json::Document> document)
        : pool_(pool), document_(std::move(document)) {}
    ~Loan() { pool_.give_back(std::move(document_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    json::Document& operator*() const { return *document_; }

   private:
    DocumentPool& pool_;
    std::unique_ptr<json::Document> document_;
  };
  Loan borrow();

 private:
  void give_back(std::unique_ptr<json::Document> document) noexcept;

  std::mutex mutex_;
  std::vector<std::unique_ptr<json::Document>> idle_;
};

/// Records of exchanges that were freed before they were done, until the background takes them.
/// Above limits::kAbandonedRecordsMax the oldest go, counted.
class AbandonedRecords {
 public:
  void put(std::string record);
  bool take(std::string& record);
  uint64_t lost() const;

 private:
  mutable std::mutex mutex_;
  std::deque<std::string> records_;
  uint64_t lost_ = 0;
};

/// What all exchanges of a gateway share. Everything in it is safe from many threads.
struct Environment {
  uint64_t host_capabilities = 0;
  uint64_t seed_high = 0;
  uint64_t seed_low = 0;
  uint64_t body_bytes_max = limits::kBodyBytesInFlightMax;
  uint64_t exchanges_max = limits::kExchangesMax;
  Waker waker;

  std::shared_ptr<ledger::Ledger> ledger = std::make_shared<ledger::Ledger>();
  record::Metrics metrics;
  DocumentPool documents;
  BodyPool bodies;
  Auxiliary auxiliary;
  LessonBook lessons;
  KeyRing keys;
  router::State router;
  TargetRooms rooms;
  DecisionBook decisions;
  AlertBook alerts;
  AbandonedRecords abandoned;
  std::atomic<uint64_t> next_number{1};
  std::atomic<uint64_t> body_bytes{0};
  std::atomic<uint64_t> open_exchanges{0};
  std::atomic<bool> draining{false};

  bool host_can(int32_t action_kind) const {
    return (host_capabilities >> static_cast<unsigned>(action_kind)) & 1U;
  }
  /// All metrics in the text format of Prometheus.
  std::string metrics_text() const;
  /// An id of this gateway: `prefix` and 22 letters and digits, drawn from the seed.
  std::string make_id(std::string_view prefix);
};

}  // namespace tollgate::exchange
