#include "drivers/curl/run.hpp"

#include <algorithm>
#include <climits>
#include <new>
#include <poll.h>

#include "drivers/curl/host.hpp"

namespace tollgate::curl_driver {
namespace {

/// Lanes cannot be waited for together: while there are several, none waits longer than this.
constexpr int kSharedWaitMs = 5;

}  // namespace

Run::Run(Driver& driver, tg_exchange* exchange, const tg_curl_client& client)
    : driver_(driver),
      wake_token_(client.wake_token),
      watch_(driver.watches.take()),
      session_(exchange, client, *this, false) {
  if (watch_ != nullptr) driver_.wakes.add(wake_token_, *this);
}

Run::~Run() {
  if (watch_ == nullptr) return;
  driver_.wakes.remove(wake_token_, *this);
  driver_.watches.give(std::move(watch_));
}

tg_status Run::drive(tg_error** error) {
  // Without a waker an exchange could sleep for ever.
  if (watch_ == nullptr) return TG_E_NOMEM;
  session_.begin();
  session_.settle();
  while (true) {
    collect_finished();
    if (session_.over()) break;
    wait();
  }
  if (session_.status() != TG_OK && error != nullptr) *error = session_.take_error();
  return session_.status();
}

void Run::on_wake(uint64_t) noexcept {
  watch_->waker().wake();
}

Transfer* Run::open(const tg_action& action, Session& session, Outcome& why) {
  std::string key = Lane::key_of(action);
  std::unique_ptr<Lane> lane = driver_.lanes.take(key);
  if (lane == nullptr) {
    auto profile = driver_.profiles.get(action, driver_.settings, driver_.trust);
    why = profile->usable();
    if (why.failed) return nullptr;
    lane = Lane::create(std::move(key), std::move(profile), driver_.settings);
  }
  if (lane == nullptr) {
    why = outcome_of(CURLE_OUT_OF_MEMORY);
    return nullptr;
  }
  lanes_.reserve(lanes_.size() + 1);
  why = lane->start(action, session);
  if (why.failed) {
    driver_.lanes.give(std::move(lane));
    return nullptr;
  }
  lanes_.push_back(std::move(lane));
  return &lanes_.back()->transfer();
}

void Run::detach(Transfer& transfer) {
  (*lane_of(transfer))->stop();
}

void Run::release(Transfer& transfer) {
  const auto lane = lane_of(transfer);
  driver_.lanes.give(std::move(*lane));
  lanes_.erase(lane);
}

Run::Lanes::iterator Run::lane_of(const Transfer& transfer) {
  return std::find_if(lanes_.begin(), lanes_.end(), [&](const std::unique_ptr<Lane>& lane) {
    return &lane->transfer() == &transfer;
  });
}

void Run::wait() {
  watch_->set_client(session_.watches_client() ? session_.client().client_fd : -1);
  bool called = false;
  for (const std::unique_ptr<Lane>& lane : lanes_)
    called = lane->multi().wait(watch_->fd(), wait_ms()) || called;
  if (lanes_.empty()) {
    pollfd entry{watch_->fd(), POLLIN, 0};
    called = poll(&entry, 1, wait_ms()) > 0;
  }
  if (called) dispatch(watch_->look());
  // Lanes come and go only in settle().
  for (const std::unique_ptr<Lane>& lane : lanes_)
    lane->multi().perform();
  if (session_.deadline_ns() <= read_mono_ns()) session_.tick();
  session_.settle();
}

void Run::dispatch(Watch::Seen seen) {
  if (seen.woken) session_.tick();
  if (seen.client_gone) session_.client_gone();
}

int Run::wait_ms() const {
  const uint64_t next = session_.deadline_ns();
  const int longest = lanes_.size() > 1 ? kSharedWaitMs : -1;
  if (next == TG_NO_DEADLINE) return longest;
  const uint64_t now = read_mono_ns();
  if (next <= now) return 0;
  // Rounded up: a poll that ends early would only be made again.
  const uint64_t left_ms = (next - now + 999'999) / 1'000'000;
  return static_cast<int>(std::min<uint64_t>(left_ms, longest < 0 ? INT_MAX : kSharedWaitMs));
}

void Run::collect_finished() {
  for (bool found = true; found;) {
    found = false;
    for (const std::unique_ptr<Lane>& lane : lanes_) {
      CURLcode code = CURLE_OK;
      CURL* easy = lane->multi().next_finished(code);
      if (easy == nullptr) continue;
      // This takes the lane off the list.
      Transfer& transfer = *Transfer::of(easy);
      transfer.sink().on_finished(transfer, code);
      session_.settle();
      found = true;
      break;
    }
  }
}

}  // namespace tollgate::curl_driver
