#include "drivers/curl/run.hpp"

#include <algorithm>
#include <climits>
#include <new>

#include "drivers/curl/host.hpp"

namespace tollgate::curl_driver {

Run::Run(Driver& driver, tg_exchange* exchange, const tg_curl_client& client)
    : driver_(driver),
      wake_token_(client.wake_token),
      waker_(driver.wakers.take()),
      session_(exchange, client, *this, false) {
  if (waker_ != nullptr) driver_.wakes.add(wake_token_, *this);
}

Run::~Run() {
  if (waker_ == nullptr) return;
  driver_.wakes.remove(wake_token_, *this);
  driver_.wakers.give(std::move(waker_));
}

tg_status Run::drive(tg_error** error) {
  // Without a waker an exchange could sleep for ever.
  if (waker_ == nullptr) return TG_E_NOMEM;
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
  waker_->wake();
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
  collect_descriptors();
  const int ready = poll(descriptors_.data(), descriptors_.size(), poll_timeout_ms());
  if (ready > 0) dispatch();
  const uint64_t now = read_mono_ns();
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    if (lane->multi().timer_ns() <= now) lane->multi().on_timer();
  }
  if (session_.deadline_ns() <= now) session_.tick();
  session_.settle();
}

void Run::collect_descriptors() {
  descriptors_.clear();
  descriptors_.push_back({waker_->fd(), POLLIN, 0});
  // A negative descriptor is skipped by poll().
  const int client = session_.watches_client() ? session_.client().client_fd : -1;
  descriptors_.push_back({client, POLLRDHUP, 0});
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    for (const Lane::Socket& socket : lane->sockets()) {
      descriptors_.push_back({socket.fd, socket.events, 0});
    }
  }
}

int Run::poll_timeout_ms() const {
  uint64_t next = session_.deadline_ns();
  for (const std::unique_ptr<Lane>& lane : lanes_)
    next = std::min(next, lane->multi().timer_ns());
  if (next == TG_NO_DEADLINE) return -1;
  const uint64_t now = read_mono_ns();
  if (next <= now) return 0;
  // Rounded up: a poll that ends early would only be made again.
  return static_cast<int>(std::min<uint64_t>((next - now + 999'999) / 1'000'000, INT_MAX));
}

void Run::dispatch() {
  if (descriptors_[0].revents != 0 && waker_->take()) session_.tick();
  if (descriptors_[1].revents != 0) session_.client_gone();
  // Lanes come and go only in settle(), but their sockets may change under our hands.
  size_t at = 2;
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    const size_t last = std::min(descriptors_.size(), at + lane->sockets().size());
    for (; at < last; ++at) {
      const pollfd& entry = descriptors_[at];
      if (entry.revents == 0) continue;
      lane->multi().on_ready(entry.fd, static_cast<uint32_t>(entry.revents));
    }
  }
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
