#include "drivers/curl/loop.hpp"

#include <algorithm>
#include <climits>
#include <new>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <utility>

#include "drivers/curl/host.hpp"

namespace tollgate::curl_driver {
namespace {

constexpr int kEventsMax = 256;
/// After so many rounds a step lets its host look after others.
constexpr int kRoundsMax = 8;
/// How long exchanges may take to settle when the loop ends.
constexpr uint64_t kGraceNs = 5'000'000'000;

// What an epoll event is about: a socket of libcurl by its number, our waker, or a client by the id
// of its entry. Ids and numbers are looked up, so that an event of something that has just gone
// finds nothing.
constexpr uint64_t kWakerTag = 1ULL << 62U;
constexpr uint64_t kClientTag = 1ULL << 63U;

}  // namespace

Transfer* LoopEntry::open(const tg_action& action, Session& sink, Outcome& why) {
  active_.reserve(active_.size() + 1);
  Hub* hub = loop_.hubs_.get(action, why);
  if (hub == nullptr) return nullptr;
  std::unique_ptr<Transfer> transfer = hub->start(action, sink, why);
  if (transfer == nullptr) return nullptr;
  active_.push_back({std::move(transfer), hub});
  return active_.back().transfer.get();
}

void LoopEntry::detach(Transfer& transfer) {
  find(transfer)->hub->stop(transfer);
}

void LoopEntry::release(Transfer& transfer) {
  const auto active = find(transfer);
  active->hub->give(std::move(active->transfer));
  active_.erase(active);
}

std::vector<LoopEntry::Active>::iterator LoopEntry::find(const Transfer& transfer) {
  return std::find_if(active_.begin(), active_.end(),
                      [&](const Active& active) { return active.transfer.get() == &transfer; });
}

void LoopEntry::on_change() {
  if (changed) return;
  try {
    loop_.changed_.push_back(id);
    changed = true;
  } catch (const std::bad_alloc&) {
    loop_.look_at_all_ = true;
  }
}

std::unique_ptr<Loop> Loop::create(Driver& driver, Drive drive) {
  std::unique_ptr<Waker> waker = Waker::create();
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakerTag;
  if (waker == nullptr || epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, waker->fd(), &event) != 0) {
    if (epoll >= 0) close(epoll);
    return nullptr;
  }
  const bool hosted = drive == Drive::kHosted;
  std::unique_ptr<Loop> loop(new Loop(driver, epoll, std::move(waker), hosted));
  if (!hosted) loop->thread_ = std::thread([raw = loop.get()] { raw->serve(); });
  return loop;
}

Loop::Loop(Driver& driver, int epoll, std::unique_ptr<Waker> waker, bool hosted)
    : driver_(driver),
      epoll_(epoll),
      hosted_(hosted),
      waker_(std::move(waker)),
      sockets_(epoll),
      hubs_(driver, sockets_) {}

Loop::~Loop() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  if (hosted_) {
    serve();
  } else {
    waker_->wake();
    if (thread_.joinable()) thread_.join();
  }
  // Connections say good-bye to the epoll, so it goes after them.
  hubs_.clear();
  close(epoll_);
}

bool Loop::submit(tg_exchange* exchange, uint64_t token, const tg_curl_client& client) {
  return post(Kind::kSubmit, token, std::make_unique<LoopEntry>(*this, exchange, token, client));
}

bool Loop::post(Kind kind, uint64_t token, std::unique_ptr<LoopEntry> entry) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (ending_ && kind == Kind::kSubmit) return false;
    try {
      inbox_.push_back({kind, token, std::move(entry)});
    } catch (const std::bad_alloc&) {
      return false;
    }
  }
  if (sees_by_itself(kind)) {
    has_post_ = true;
  } else {
    waker_->wake();
  }
  return true;
}

/// Between two steps the host owes a step for what it posted, but it does not know of wakes.
bool Loop::sees_by_itself(Kind kind) const noexcept {
  if (home_.load(std::memory_order_relaxed) != std::this_thread::get_id()) return false;
  return stepping_ || kind != Kind::kWake;
}

void Loop::serve() noexcept {
  home_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  stepping_ = true;
  // Signals are the host's business, on the host's threads.
  sigset_t all;
  sigfillset(&all);
  if (!hosted_) pthread_sigmask(SIG_SETMASK, &all, nullptr);
  for (bool go_on = true; go_on;) {
    try {
      go_on = round();
    } catch (const std::bad_alloc&) {
      look_at_all_ = true;
    }
  }
}

bool Loop::round() {
  handle_messages();
  settle_changed();
  if (ends_at_ns_ != TG_NO_DEADLINE && entries_.empty()) return false;
  take_events(wait_ms());
  run_timers();
  collect_finished();
  settle_changed();
  return true;
}

uint64_t Loop::step() noexcept {
  if (!hosted_) return TG_NO_DEADLINE;
  if (stepping_) return 0;
  home_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  stepping_ = true;
  try {
    step_through();
  } catch (const std::bad_alloc&) {
    look_at_all_ = true;
  }
  stepping_ = false;
  return next_ns();
}

/// Rounds without a wait: what a round begins or a callback posts is often due at once.
void Loop::step_through() {
  for (int i = 0; i < kRoundsMax; ++i) {
    handle_messages();
    settle_changed();
    if (i == 0) take_events(0);
    run_timers();
    collect_finished();
    settle_changed();
    if (next_ns() > 0) return;
  }
}

void Loop::handle_messages() {
  bool ending = false;
  // What is left of the last round, which ran out of memory, comes first.
  if (handled_ == messages_.size()) {
    messages_.clear();
    handled_ = 0;
    const std::lock_guard lock(mutex_);
    messages_.swap(inbox_);
    ending = ending_;
    has_post_ = false;
  }
  while (handled_ < messages_.size())
    handle(messages_[handled_++]);
  if (ending) end_all();
}

void Loop::handle(Message& message) {
  if (message.kind == Kind::kSubmit) {
    start(std::move(message.entry));
    return;
  }
  const auto id = ids_by_token_.find(message.token);
  LoopEntry* entry = id == ids_by_token_.end() ? nullptr : entry_of(id->second);
  if (entry == nullptr) return;
  if (message.kind == Kind::kWake) entry->session().tick();
  if (message.kind == Kind::kUnblock) entry->session().client_unblocked();
  if (message.kind == Kind::kGone) entry->session().client_gone();
}

void Loop::start(std::unique_ptr<LoopEntry> entry) {
  LoopEntry& started = *entry;
  started.id = ++last_id_;
  try {
    std::unique_ptr<LoopEntry>& place = entries_[started.id];
    ids_by_token_[started.token] = started.id;
    driver_.wakes.add(started.token, *this);
    place = std::move(entry);
  } catch (const std::bad_alloc&) {
    entries_.erase(started.id);
    hand_back(std::move(entry));
    return;
  }
  watch_client(started);
  started.session().begin();
}

void Loop::watch_client(LoopEntry& entry) {
  if (!entry.session().watches_client()) return;
  epoll_event event{};
  event.events = EPOLLRDHUP | EPOLLONESHOT;
  event.data.u64 = kClientTag | entry.id;
  entry.watched = epoll_ctl(epoll_, EPOLL_CTL_ADD, entry.session().client().client_fd, &event) == 0;
}

void Loop::take_events(int wait_ms) {
  epoll_event events[kEventsMax];
  const int ready = epoll_wait(epoll_, events, kEventsMax, wait_ms);
  for (int i = 0; i < ready; ++i) {
    const uint64_t about = events[i].data.u64;
    if (about == kWakerTag) {
      // What it was about may have come after the last look into the inbox.
      waker_->take();
      has_post_ = true;
    } else if ((about & kClientTag) != 0) {
      if (LoopEntry* entry = entry_of(about & ~kClientTag)) entry->session().client_gone();
    } else {
      const auto socket = static_cast<curl_socket_t>(about);
      if (Hub* hub = sockets_.take_ready(socket)) hub->multi().on_ready(socket, events[i].events);
    }
  }
}

/// When the next round is due, if nothing happens before; 0 for at once.
uint64_t Loop::next_ns() const {
  if (has_post_ || look_at_all_ || handled_ < messages_.size()) return 0;
  uint64_t next = ends_at_ns_;
  if (const Timer* timer = timers_.first()) next = std::min(next, timer->at_ns);
  for (const auto& hub : hubs_.all())
    next = std::min(next, hub->multi().timer_ns());
  return next;
}

int Loop::wait_ms() const {
  const uint64_t next = next_ns();
  if (next == TG_NO_DEADLINE) return -1;
  if (next == 0) return 0;
  const uint64_t now = read_mono_ns();
  if (next <= now) return 0;
  return static_cast<int>(std::min<uint64_t>((next - now + 999'999) / 1'000'000, INT_MAX));
}

void Loop::run_timers() {
  const uint64_t now = read_mono_ns();
  for (const auto& hub : hubs_.all()) {
    if (hub->multi().timer_ns() <= now) hub->multi().on_timer();
  }
  for (Timer* timer = timers_.first(); timer != nullptr && timer->at_ns <= now;
       timer = timers_.first()) {
    timers_.remove(*timer);
    auto& entry = static_cast<LoopEntry&>(*timer);
    if (entry.session().deadline_ns() <= now) {
      entry.session().tick();
    } else {
      entry.on_change();  // Moved since it was set: sets it anew.
    }
  }
  if (ends_at_ns_ > now) return;
  // The grace time is over: what is left is handed back as it is.
  while (!entries_.empty())
    finish(entries_.begin()->first);
}

void Loop::collect_finished() {
  for (const auto& hub : hubs_.all()) {
    CURLcode code = CURLE_OK;
    while (CURL* easy = hub->multi().next_finished(code)) {
      Transfer& transfer = *Transfer::of(easy);
      transfer.sink().on_finished(transfer, code);
    }
  }
}

void Loop::settle_changed() {
  if (std::exchange(look_at_all_, false)) {
    for (const auto& [id, entry] : entries_) {
      entry->changed = false;
      entry->on_change();
    }
  }
  while (!changed_.empty()) {
    settling_.clear();
    settling_.swap(changed_);
    for (const uint64_t id : settling_) {
      LoopEntry* entry = entry_of(id);
      if (entry == nullptr) continue;
      entry->changed = false;
      settle(*entry);
    }
  }
}

void Loop::settle(LoopEntry& entry) {
  entry.session().settle();
  if (entry.session().over()) {
    finish(entry.id);
    return;
  }
  const uint64_t deadline = entry.session().deadline_ns();
  if (deadline < entry.at_ns) timers_.set(entry, deadline);
}

void Loop::finish(uint64_t id) {
  const auto found = entries_.find(id);
  std::unique_ptr<LoopEntry> entry = std::move(found->second);
  entries_.erase(found);
  hand_back(std::move(entry));
}

void Loop::hand_back(std::unique_ptr<LoopEntry> entry) {
  const auto id = ids_by_token_.find(entry->token);
  if (id != ids_by_token_.end() && id->second == entry->id) ids_by_token_.erase(id);
  driver_.wakes.remove(entry->token, *this);
  timers_.remove(*entry);
  const tg_curl_client client = entry->session().client();
  tg_exchange* exchange = entry->session().exchange();
  if (entry->watched) epoll_ctl(epoll_, EPOLL_CTL_DEL, client.client_fd, nullptr);
  const bool cut = !entry->session().done() && !entry->session().ended();
  entry.reset();
  if (cut && client.on_end != nullptr) client.on_end(1, client.user);
  if (client.on_done != nullptr) client.on_done(exchange, client.user);
}

void Loop::end_all() {
  if (ends_at_ns_ != TG_NO_DEADLINE) return;
  ends_at_ns_ = read_mono_ns() + kGraceNs;
  for (const auto& [id, entry] : entries_)
    entry->session().client_gone();
}

LoopEntry* Loop::entry_of(uint64_t id) {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second.get();
}

}  // namespace tollgate::curl_driver
