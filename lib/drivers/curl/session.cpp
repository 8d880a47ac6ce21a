#include "drivers/curl/session.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "drivers/curl/host.hpp"

namespace tollgate::curl_driver {
namespace {

bool is_client_action(int32_t kind) {
  return kind == TG_ACTION_CLIENT_HEAD || kind == TG_ACTION_CLIENT_BODY ||
         kind == TG_ACTION_CLIENT_END || kind == TG_ACTION_CLIENT_ABORT;
}

}  // namespace

Session::~Session() {
  while (!transfers_.empty())
    drop(*transfers_.back());
  tg_error_free(error_);
}

void Session::settle() {
  do {
    cancel_transfers();
    for (const tg_action& action : std::exchange(opens_, {})) {
      if (over()) return;
      open(action);
    }
    resume_transfers();
  } while (!over() && (!opens_.empty() || !cancels_.empty()));
}

void Session::cancel_transfers() {
  for (const uint32_t attempt : std::exchange(cancels_, {})) {
    const auto found = std::find_if(transfers_.begin(), transfers_.end(), [&](Transfer* transfer) {
      return transfer->attempt() == attempt;
    });
    if (found != transfers_.end()) drop(**found);
  }
}

// One at a time, since what comes out of the first may block the client again.
void Session::resume_transfers() {
  for (size_t i = 0; i < transfers_.size() && !blocked_ && !over();) {
    Transfer* transfer = transfers_[i];
    const CURLcode code = transfer->held() ? transfer->resume() : CURLE_OK;
    if (code != CURLE_OK) {
      on_finished(*transfer, code);
    } else {
      ++i;
    }
  }
  while (!endings_.empty() && !blocked_ && !over()) {
    const Ending ending = endings_.front();
    endings_.erase(endings_.begin());
    feed_end(ending);
    pump();
  }
}

void Session::open(const tg_action& action) {
  Outcome why;
  Transfer* transfer = nullptr;
  try {
    transfers_.reserve(transfers_.size() + 1);
    transfer = carrier_.open(action, *this, why);
  } catch (const std::bad_alloc&) {
    why = Outcome::failure_of(TG_FAILURE_HOST, "Out of memory");
  }
  if (transfer != nullptr) {
    transfers_.push_back(transfer);
    return;
  }
  feed_end({action.upstream, why});
  pump();
}

void Session::drop(Transfer& transfer) {
  std::erase(transfers_, &transfer);
  carrier_.detach(transfer);
  transfer.finish(CURLE_ABORTED_BY_CALLBACK);
  carrier_.release(transfer);
}

void Session::on_finished(Transfer& transfer, CURLcode code) {
  const bool live = is_live(transfer);
  const uint32_t attempt = transfer.attempt();
  std::erase(transfers_, &transfer);
  carrier_.detach(transfer);
  const Ending ending{attempt, transfer.finish(code)};
  carrier_.release(transfer);
  std::erase(cancels_, attempt);
  if (!live || over()) return;
  if (blocked_) {
    endings_.push_back(ending);
    return;
  }
  feed_end(ending);
  pump();
}

void Session::feed_end(const Ending& ending) {
  tg_error* error = nullptr;
  const tg_time now = read_time();
  if (ending.outcome.failed) {
    check(tg_exchange_upstream_failed(exchange_, ending.attempt, ending.outcome.failure,
                                      bytes(ending.outcome.detail), now, &error),
          error);
  } else {
    check(tg_exchange_upstream_end(exchange_, ending.attempt, now, &error), error);
  }
}

void Session::on_sent(Transfer& transfer) {
  if (!is_live(transfer) || over()) return;
  tg_error* error = nullptr;
  check(tg_exchange_upstream_sent(exchange_, transfer.attempt(), read_time(), &error), error);
  pump();
}

Verdict Session::on_head(Transfer& transfer, uint32_t status, const std::vector<tg_bytes>& pairs) {
  if (!is_live(transfer) || over()) return Verdict::kStop;
  tg_error* error = nullptr;
  check(tg_exchange_upstream_head(exchange_, transfer.attempt(), status, pairs.data(),
                                  static_cast<uint32_t>(pairs.size() / 2), read_time(), &error),
        error);
  pump();
  return is_live(transfer) && !over() ? Verdict::kGoOn : Verdict::kStop;
}

Verdict Session::on_body(Transfer& transfer, tg_bytes body) {
  if (!is_live(transfer) || over()) return Verdict::kStop;
  if (blocked_) return Verdict::kHold;
  tg_error* error = nullptr;
  check(tg_exchange_upstream_body(exchange_, transfer.attempt(), body, read_time(), &error), error);
  pump();
  return is_live(transfer) && !over() ? Verdict::kGoOn : Verdict::kStop;
}

void Session::tick() {
  if (over()) return;
  tg_error* error = nullptr;
  deadline_ns_ = TG_NO_DEADLINE;
  check(tg_exchange_tick(exchange_, read_time(), &error), error);
  pump();
}

void Session::client_gone() {
  if (gone_ || over()) return;
  gone_ = true;
  blocked_ = false;
  tg_error* error = nullptr;
  check(tg_exchange_client_gone(exchange_, read_time(), &error), error);
  pump();
}

void Session::client_unblocked() {
  if (!blocked_ || over()) return;
  blocked_ = false;
  tg_error* error = nullptr;
  check(tg_exchange_client_unblocked(exchange_, read_time(), &error), error);
  pump();
}

void Session::pump() {
  carrier_.on_change();
  while (!over()) {
    bool waits = false;
    try {
      waits = pull();
    } catch (const std::bad_alloc&) {
      check(TG_E_NOMEM, nullptr);
    }
    tg_error* error = nullptr;
    if (gone_heard_) {
      gone_heard_ = blocked_heard_ = false;
      if (gone_ || over()) continue;
      gone_ = true;
      blocked_ = false;
      check(tg_exchange_client_gone(exchange_, read_time(), &error), error);
    } else if (blocked_heard_) {
      blocked_heard_ = false;
      if (blocked_ || over()) continue;
      blocked_ = true;
      check(tg_exchange_client_blocked(exchange_, read_time(), &error), error);
    } else if (waits) {
      return;
    }
  }
}

/// Performs one batch of actions. True when the exchange waits for events now.
bool Session::pull() {
  tg_action actions[kBatch];
  for (tg_action& action : actions)
    action.struct_size = sizeof(tg_action);
  uint32_t count = 0;
  tg_error* error = nullptr;
  check(tg_exchange_next_actions(exchange_, actions, kBatch, &count, &error), error);
  if (over()) return false;
  // A batch that is not full and does not end by WAIT or DONE has left out a second body.
  const int32_t last = count > 0 ? actions[count - 1].kind : TG_ACTION_WAIT;
  const bool more = last != TG_ACTION_WAIT && last != TG_ACTION_DONE && count < kBatch;
  uint32_t client_left = 0;
  for (uint32_t i = 0; i < count; ++i)
    client_left += is_client_action(actions[i].kind) ? 1U : 0U;
  for (uint32_t i = 0; i < count; ++i) {
    if (is_client_action(actions[i].kind)) --client_left;
    perform(actions[i], more || client_left > 0);
  }
  return last == TG_ACTION_WAIT;
}

void Session::perform(const tg_action& action, bool more) {
  switch (action.kind) {
    case TG_ACTION_WAIT:
      deadline_ns_ = action.deadline_ns;
      break;
    case TG_ACTION_UPSTREAM_OPEN:
      opens_.push_back(action);
      break;
    case TG_ACTION_UPSTREAM_CANCEL:
      cancel(action.upstream);
      break;
    case TG_ACTION_RECORD:
      if (client_.on_record != nullptr) client_.on_record(action.body, client_.user);
      break;
    case TG_ACTION_DONE:
      done_ = true;
      break;
    default:
      if (is_client_action(action.kind)) perform_client(action, more);
      break;
  }
}

void Session::perform_client(const tg_action& action, bool more) {
  if (gone_ || gone_heard_) return;
  if (action.kind == TG_ACTION_CLIENT_HEAD) {
    if (client_.on_head != nullptr) heed(client_.on_head(&action, client_.user));
  } else if (action.kind == TG_ACTION_CLIENT_BODY) {
    if (client_.on_body != nullptr) {
      heed(client_.on_body(action.body, more ? 1 : 0, client_.user));
    }
  } else {
    ended_ = true;
    const int32_t aborted = action.kind == TG_ACTION_CLIENT_ABORT ? 1 : 0;
    if (client_.on_end != nullptr) client_.on_end(aborted, client_.user);
  }
}

void Session::heed(int32_t answer) {
  if (answer == TG_CURL_CLIENT_GONE) gone_heard_ = true;
  if (answer == TG_CURL_CLIENT_BLOCKED && can_block_) blocked_heard_ = true;
}

void Session::cancel(uint32_t attempt) {
  // What was not opened yet need not be.
  const size_t before = opens_.size();
  std::erase_if(opens_, [&](const tg_action& action) { return action.upstream == attempt; });
  if (opens_.size() == before) cancels_.push_back(attempt);
}

bool Session::is_live(const Transfer& transfer) const {
  return std::find(cancels_.begin(), cancels_.end(), transfer.attempt()) == cancels_.end();
}

void Session::check(tg_status status, tg_error* error) {
  if (status == TG_OK) return;
  if (status_ != TG_OK) {
    tg_error_free(error);
    return;
  }
  status_ = status;
  error_ = error;
}

tg_error* Session::take_error() {
  return std::exchange(error_, nullptr);
}

}  // namespace tollgate::curl_driver
