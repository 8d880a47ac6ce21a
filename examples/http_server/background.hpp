#pragma once

// The gateway's own work, on a thread of its own: records of exchanges that ended early.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "bytes.hpp"
#include "ledger_store.hpp"
#include "live_log.hpp"
#include "record_sink.hpp"

namespace tollgate::server {

class Background {
 public:
  Background(RecordSink& records, LiveLog& live_log) : records_(records), live_log_(live_log) {}
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  ~Background() { stop(); }

  /// Opens the gateway's background handle and starts the thread.
  bool start(const tg_gateway* gateway, std::string& reason);
  /// Has the thread keep the ledger in this store from now on. Once; the store outlives the thread.
  void keep_ledger(LedgerStore& store);
  /// Has the thread look for work; any thread, at once.
  void wake();
  /// Takes what is there and ends the thread.
  void stop();

 private:
  void work();
  uint64_t perform_all();
  void perform(const tg_action& action);
  void write_journal(tg_bytes batch);

  RecordSink& records_;
  LiveLog& live_log_;
  Owned<tg_background> handle_;
  std::mutex mutex_;
  std::condition_variable condition_;
  LedgerStore* store_ = nullptr;  ///< Set once, under the mutex.
  bool keeps_journal_ = false;
  bool store_failed_ = false;
  bool woken_ = false;
  bool gathers_ = false;  ///< A batch was written a moment ago; the next one waits for company.
  bool wrote_journal_ = false;  ///< In this round; of the thread alone.
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tollgate::server
