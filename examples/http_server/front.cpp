#include "front.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host.hpp"
#include "limits.hpp"

namespace tollgate::server {

namespace {

struct AddressesDeleter {
  void operator()(addrinfo* addresses) const { freeaddrinfo(addresses); }
};

int listen_on(const addrinfo& address) {
  const int fd = socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  // Without SO_REUSEPORT: with it a second server would start on the same port and take half of
  // the connections.
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd, address.ai_addr, address.ai_addrlen) == 0 &&
      listen(fd, limits::kListenBacklog) == 0) {
    return fd;
  }
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

int port_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  // Both families have the port at the same place.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

/// Without its port; empty when it is of another family.
std::string text_of(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address);
    inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
  } else if (address.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address);
    inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
  }
  return text;
}

/// As many as there are descriptors for: each has one, and one for its upstream.
size_t connections_max() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return limits::kConnectionsMax;
  const auto descriptors = static_cast<size_t>(limit.rlim_cur);
  const size_t spare = std::min(limits::kSpareDescriptors, descriptors / 2);
  return std::clamp<size_t>((descriptors - spare) / 2, 1, limits::kConnectionsMax);
}

}  // namespace

Front::~Front() {
  stop(std::chrono::steady_clock::now());
  if (listener_ >= 0) close(listener_);
}

bool Front::bind(const ListenAddress& address, std::string& reason) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int failed =
      getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (failed != 0) {
    reason = gai_strerror(failed);
    return false;
  }
  const std::unique_ptr<addrinfo, AddressesDeleter> addresses(found);
  for (const addrinfo* one = found; one != nullptr && listener_ < 0; one = one->ai_next)
    listener_ = listen_on(*one);
  if (listener_ < 0) {
    reason = std::strerror(errno);
    return false;
  }
  port_ = port_of(listener_);
  return true;
}

bool Front::start(size_t threads, std::string& reason) {
  const size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const size_t count = threads == 0 ? cores : std::min(threads, cores * limits::kThreadsPerCoreMax);
  connections_max_ = connections_max();
  for (size_t i = 0; i < count; ++i) {
    loops_.push_back(EventLoop::create(service_));
    if (loops_.back() == nullptr) {
      loops_.clear();
      reason = "no file descriptor is left";
      return false;
    }
  }
  for (const auto& loop : loops_)
    loop->start();
  accepting_ = std::thread([this] { accept_all(); });
  return true;
}

void Front::accept_all() {
  while (!stopping_) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    const int fd = accept4(listener_, reinterpret_cast<sockaddr*>(&address), &size,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      take(fd, text_of(address));
    } else if (!stopping_ && errno != EINTR && errno != ECONNABORTED) {
      // For reasons that pass: descriptors or memory have run out.
      log_line(std::string("accepting failed; going on: ") + std::strerror(errno));
      std::this_thread::sleep_for(limits::kAcceptPause);
    }
  }
}

/// The loop with the fewest connections takes it: streams live long.
void Front::take(int fd, std::string address) {
  const auto fewest = std::min_element(
      loops_.begin(), loops_.end(),
      [](const auto& one, const auto& other) { return one->open() < other->open(); });
  Purpose purpose = Purpose::kServe;
  const size_t open_now = open();
  if (open_now >= connections_max_) {
    // A connection that only waits for its next request makes room for one that has some.
    const auto waits = std::find_if(loops_.begin(), loops_.end(),
                                    [](const auto& loop) { return loop->waiting() > 0; });
    if (waits != loops_.end()) {
      (*waits)->dismiss_one();
    } else {
      purpose = Purpose::kRefuse;
    }
    if (open_now >= connections_max_ + limits::kRefusedConnectionsMax) {
      close(fd);
      return;
    }
  }
  (*fewest)->adopt(fd, std::move(address), purpose);
}

size_t Front::open() const {
  size_t sum = 0;
  for (const auto& loop : loops_)
    sum += loop->open();
  return sum;
}

size_t Front::busy() const {
  size_t sum = 0;
  for (const auto& loop : loops_)
    sum += loop->busy();
  return sum;
}

void Front::dismiss_idle() {
  for (const auto& loop : loops_)
    loop->dismiss_idle();
}

void Front::break_busy() {
  for (const auto& loop : loops_)
    loop->break_busy();
}

void Front::stop(std::chrono::steady_clock::time_point deadline) {
  stopping_ = true;
  if (accepting_.joinable()) {
    shutdown(listener_, SHUT_RDWR);  // Ends the accept() that waits.
    accepting_.join();
  }
  dismiss_idle();
  while (busy() > 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(limits::kDrainPollInterval);
  loops_.clear();
}

}  // namespace tollgate::server
