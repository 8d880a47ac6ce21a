#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.hpp"
#include "base/time.hpp"
#include "exchange/environment.hpp"
#include "json/reader.hpp"
#include "ledger/journal_text.hpp"

namespace tollgate::gateway {

/// Brings the ledger's journal to a store and the store's answers to the ledger. One batch is under
/// way at a time; one that failed is written again as it was, so that a store which had applied it
/// can tell. One thread at a time.
class JournalKeeper {
 public:
  explicit JournalKeeper(std::shared_ptr<exchange::Environment> environment)
      : environment_(std::move(environment)) {}
  /// What is under way was perhaps not written: the journal gets it back.
  ~JournalKeeper();
  JournalKeeper(const JournalKeeper&) = delete;
  JournalKeeper& operator=(const JournalKeeper&) = delete;

  /// From now on the journal is kept. kState when it is already.
  Status start(Time now);
  bool started() const { return started_; }

  /// The next batch for the store, or nothing now. Valid until done() or failed().
  std::string_view next(Time now);
  /// When next() should be asked again.
  uint64_t deadline_ns(Time now) const;

  /// The store has applied the batch and says so. kState when none is under way, kInvalid when the
  /// answer is none; the batch then counts as failed.
  Status done(std::string_view reply, Time now);
  /// The store could not be reached or written. kState when no batch is under way.
  Status failed(Time now);

 private:
  Status apply(std::string_view reply, Time now);

  std::shared_ptr<exchange::Environment> environment_;
  std::string instance_;
  bool started_ = false;
  bool told_all_ = false;  ///< The store has told of every counter once.
  bool given_ = false;     ///< `text_` is at the store.
  uint64_t number_ = 0;    ///< Of the batch under way, or of the last one.
  ledger::Batch batch_;
  std::string text_;       ///< Empty: no batch is under way.
  uint64_t again_ns_ = 0;  ///< After a failure: not before then.
  uint64_t failures_ = 0;  ///< In a row.
  uint64_t last_sent_ns_ = 0;
  json::Document document_;
};

}  // namespace tollgate::gateway
