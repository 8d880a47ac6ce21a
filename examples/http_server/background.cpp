#include "background.hpp"

#include <chrono>
#include <utility>

#include "host.hpp"

namespace tollgate::server {

namespace {

// Requests that come within this time of a batch share the next one: a write of the file costs as
// much as dozens of entries in it. Who comes alone waits for nothing.
constexpr std::chrono::milliseconds kGatherTime(2);

}  // namespace

bool Background::start(const tg_gateway* gateway, std::string& reason) {
  tg_background* opened = nullptr;
  tg_error* failed = nullptr;
  const tg_status status = tg_background_open(gateway, now(), &opened, &failed);
  const Owned<tg_error> error(failed);
  if (status != TG_OK) {
    reason = message_of(failed);
    return false;
  }
  handle_.reset(opened);
  thread_ = std::thread([this] { work(); });
  return true;
}

void Background::keep_ledger(LedgerStore& store) {
  {
    const std::lock_guard lock(mutex_);
    store_ = &store;
  }
  wake();
}

void Background::wake() {
  {
    const std::lock_guard lock(mutex_);
    // Once is enough, and who gathers looks by itself.
    if (std::exchange(woken_, true) || gathers_) return;
  }
  condition_.notify_one();
}

void Background::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  condition_.notify_one();
  if (thread_.joinable()) thread_.join();
  handle_.reset();
}

void Background::work() {
  std::unique_lock lock(mutex_);
  bool last = false;
  while (true) {
    woken_ = false;
    const bool start_journal = store_ != nullptr && !keeps_journal_;
    lock.unlock();
    if (start_journal) {
      keeps_journal_ = tg_background_journal_start(handle_.get(), now(), nullptr) == TG_OK;
    }
    wrote_journal_ = false;
    const uint64_t deadline_ns = perform_all();
    lock.lock();
    if (last) return;
    if (wrote_journal_) {
      gathers_ = true;
      condition_.wait_for(lock, kGatherTime, [this] { return stopping_; });
      gathers_ = false;
    }
    const auto wanted = [this] { return woken_ || stopping_; };
    if (deadline_ns == TG_NO_DEADLINE) {
      condition_.wait(lock, wanted);
    } else {
      const uint64_t mono_ns = now().mono_ns;
      const std::chrono::nanoseconds left(deadline_ns > mono_ns ? deadline_ns - mono_ns : 0);
      condition_.wait_for(lock, left, wanted);
    }
    last = stopping_;  // One more round takes what came in meanwhile.
  }
}

/// Pulls until WAIT and gives its deadline.
uint64_t Background::perform_all() {
  tg_action action = TG_ACTION_INIT;
  tg_background_tick(handle_.get(), now(), nullptr);
  while (tg_background_next_action(handle_.get(), &action, nullptr) == TG_OK) {
    if (action.kind == TG_ACTION_WAIT) return action.deadline_ns;
    perform(action);
  }
  return TG_NO_DEADLINE;
}

void Background::perform(const tg_action& action) {
  if (action.kind == TG_ACTION_RECORD) {
    records_.write(to_view(action.body));
    live_log_.push(to_view(action.body));
  } else if (action.kind == TG_ACTION_JOURNAL) {
    write_journal(action.body);
  } else if (action.kind == TG_ACTION_UPSTREAM_OPEN) {
    // The driver has no road for calls without an exchange, and no account type of this version
    // makes any. The core is told so rather than left waiting.
    tg_background_upstream_failed(handle_.get(), action.upstream, TG_FAILURE_HOST,
                                  to_bytes("the server makes no background calls"), now(), nullptr);
  }
}

/// A store that fails is told of once, and once more when it works again.
void Background::write_journal(tg_bytes batch) {
  wrote_journal_ = true;
  std::string reason;
  const std::optional<std::string_view> reply = store_->apply(to_view(batch), reason);
  tg_status status = TG_OK;
  if (reply) {
    status = tg_background_journal_done(handle_.get(), to_bytes(*reply), now(), nullptr);
    if (status != TG_OK) reason = "an answer of the store's is not understood";
  } else {
    tg_background_journal_failed(handle_.get(), now(), nullptr);
  }
  const bool failed = !reply || status != TG_OK;
  if (failed && !store_failed_) log_line("ledger not written, requests wait: " + reason);
  if (!failed && store_failed_) log_line("ledger is written again");
  store_failed_ = failed;
}

}  // namespace tollgate::server
