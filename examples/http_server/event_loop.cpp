#include "event_loop.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

#include "host.hpp"

namespace tollgate::server {

namespace {

// What an event is about: our waker, the driver's loop, or (any larger number) the connection with
// that id. Ids instead of pointers: an event of a connection that has just gone finds nothing.
constexpr uint64_t kWakerTag = 0;
constexpr uint64_t kDriverTag = 1;
constexpr uint64_t kReservedTags = 2;

constexpr size_t kEventsMax = 256;
/// A client that has sent many requests at once gets so many answers before others are looked at.
constexpr int kTurnsMax = 16;

}  // namespace

std::unique_ptr<EventLoop> EventLoop::create(Service& service) {
  std::unique_ptr<EventLoop> loop(new EventLoop(service));
  if (!loop->prepare()) return nullptr;
  return loop;
}

bool EventLoop::prepare() {
  last_id_ = kReservedTags;
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  waker_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (epoll_ < 0 || waker_ < 0 ||
      tg_curl_loop_create_hosted(service_.curl, &curl_, nullptr) != TG_OK) {
    return false;
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakerTag;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, waker_, &event) != 0) return false;
  event.data.u64 = kDriverTag;
  return epoll_ctl(epoll_, EPOLL_CTL_ADD, tg_curl_loop_fd(curl_), &event) == 0;
}

EventLoop::~EventLoop() {
  if (thread_.joinable()) {
    post({Wish::kEnd});
    thread_.join();
  }
  for (const Message& message : inbox_) {
    if (message.fd >= 0) close(message.fd);
  }
  tg_curl_loop_free(curl_);
  if (waker_ >= 0) close(waker_);
  if (epoll_ >= 0) close(epoll_);
}

void EventLoop::start() {
  thread_ = std::thread([this] { work(); });
}

void EventLoop::adopt(int fd, std::string address, Purpose purpose) {
  ++open_;
  post({Wish::kAdopt, fd, purpose, std::move(address)});
}

void EventLoop::dismiss_one() {
  post({Wish::kDismissOne});
}

void EventLoop::dismiss_idle() {
  post({Wish::kDismissIdle});
}

void EventLoop::break_busy() {
  post({Wish::kBreakBusy});
}

void EventLoop::post(Message message) {
  {
    const std::lock_guard lock(mutex_);
    inbox_.push_back(std::move(message));
    if (inbox_.size() > 1) return;  // Whoever was first has woken the thread.
  }
  const uint64_t one = 1;
  // It can only fail when the counter is full, and then the thread is woken as well.
  static_cast<void>(!write(waker_, &one, sizeof one));
}

void EventLoop::work() {
  while (!ending_) {
    uint64_t next_ns = tg_curl_loop_step(curl_);
    for (int turn = 0; turn < kTurnsMax && !later_.empty(); ++turn) {
      run_later();
      next_ns = tg_curl_loop_step(curl_);
    }
    drop_over();
    wait(later_.empty() ? next_ns : 0);
    run_deadlines();
  }
  closing_ = true;
  for (const auto& [id, connection] : connections_)
    connection->break_off();
  // What the driver still has comes back with this.
  tg_curl_loop_free(std::exchange(curl_, nullptr));
  for (const auto& [id, connection] : connections_)
    connection->break_off();
  drop_over();
}

void EventLoop::wait(uint64_t until_ns) {
  if (!deadlines_.empty()) until_ns = std::min(until_ns, deadlines_.begin()->first);
  int wait_ms = -1;
  if (until_ns != TG_NO_DEADLINE) {
    const uint64_t now_ns = now().mono_ns;
    // Rounded up: a wait that ends early would only be made again.
    const uint64_t left = until_ns > now_ns ? (until_ns - now_ns + 999'999) / 1'000'000 : 0;
    wait_ms = static_cast<int>(std::min<uint64_t>(left, INT_MAX));
  }
  std::array<epoll_event, kEventsMax> events;
  const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms);
  for (int i = 0; i < ready; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    if (event.data.u64 == kWakerTag) {
      take_messages();
    } else if (Connection* connection = find(event.data.u64)) {
      connection->on_ready(event.events);
    }
  }
}

void EventLoop::take_messages() {
  uint64_t count = 0;
  // Nothing to read is as good: the messages are what counts.
  static_cast<void>(!read(waker_, &count, sizeof count));
  std::vector<Message> messages;
  {
    const std::lock_guard lock(mutex_);
    messages.swap(inbox_);
  }
  for (Message& message : messages) {
    switch (message.wish) {
      case Wish::kAdopt:
        add(message);
        break;
      case Wish::kDismissOne:
        if (!waiters_.empty()) waiters_.front()->dismiss();
        break;
      case Wish::kDismissIdle:
        closing_ = true;
        for (const auto& [id, connection] : connections_)
          connection->dismiss();
        break;
      case Wish::kBreakBusy:
        for (const auto& [id, connection] : connections_) {
          if (connection->standing() == Connection::Standing::kBusy) connection->break_off();
        }
        break;
      case Wish::kEnd:
        ending_ = true;
        break;
    }
  }
}

void EventLoop::add(Message& message) {
  const uint64_t id = ++last_id_;
  epoll_event event{};
  // Edge-triggered: registered once, no system call when what is waited for changes.
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = id;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, message.fd, &event) != 0) {
    close(message.fd);
    --open_;
    return;
  }
  auto made = std::make_unique<Connection>(*this, id, message.fd, std::move(message.address),
                                           message.purpose);
  Connection& connection = *made;
  connections_.emplace(id, std::move(made));
  connection.begin();
}

void EventLoop::run_deadlines() {
  if (deadlines_.empty()) return;
  const uint64_t now_ns = now().mono_ns;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now_ns) {
    Connection* connection = find(deadlines_.begin()->second);
    deadlines_.erase(deadlines_.begin());
    if (connection == nullptr || connection->over()) continue;
    connection->armed_ns = TG_NO_DEADLINE;
    if (connection->deadline_ns > now_ns) {
      arm(*connection);  // Moved since it was noted.
    } else {
      connection->deadline_ns = TG_NO_DEADLINE;
      connection->on_deadline();
    }
  }
}

/// Deadlines move with every event; the list only when one comes closer.
void EventLoop::arm(Connection& connection) {
  if (connection.deadline_ns >= connection.armed_ns) return;
  deadlines_.erase({connection.armed_ns, connection.id()});
  deadlines_.insert({connection.deadline_ns, connection.id()});
  connection.armed_ns = connection.deadline_ns;
}

void EventLoop::later(Connection& connection) {
  later_.push_back(connection.id());
}

void EventLoop::run_later() {
  resuming_.swap(later_);
  for (const uint64_t id : resuming_) {
    Connection* connection = find(id);
    if (connection != nullptr && !connection->over()) connection->resume();
  }
  resuming_.clear();
}

void EventLoop::note_standing(Connection& connection, Connection::Standing standing) {
  if (connection.standing() == Connection::Standing::kBusy) --busy_;
  if (connection.standing() == Connection::Standing::kWaiting) {
    waiters_.erase(connection.place);
    --waiting_;
  }
  if (standing == Connection::Standing::kBusy) ++busy_;
  if (standing == Connection::Standing::kWaiting) {
    connection.place = waiters_.insert(waiters_.end(), &connection);
    ++waiting_;
  }
}

void EventLoop::forget(Connection& connection) {
  deadlines_.erase({connection.armed_ns, connection.id()});
  over_.push_back(connection.id());
}

void EventLoop::drop_over() {
  for (const uint64_t id : over_) {
    connections_.erase(id);
    --open_;
  }
  over_.clear();
}

Connection* EventLoop::find(uint64_t id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

}  // namespace tollgate::server
