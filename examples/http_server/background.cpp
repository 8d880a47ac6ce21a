#include "background.hpp"

#include <chrono>

#include "host.hpp"

namespace tollgate::server {

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

void Background::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
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
    lock.unlock();
    const uint64_t deadline_ns = perform_all();
    lock.lock();
    if (last) return;
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
  } else if (action.kind == TG_ACTION_UPSTREAM_OPEN) {
    // The driver has no road for calls without an exchange, and no account type of this version
    // makes any. The core is told so rather than left waiting.
    tg_background_upstream_failed(handle_.get(), action.upstream, TG_FAILURE_HOST,
                                  to_bytes("the server makes no background calls"), now(), nullptr);
  }
}

}  // namespace tollgate::server
