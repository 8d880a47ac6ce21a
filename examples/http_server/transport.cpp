#include "transport.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "limits.hpp"

namespace tollgate::server {

namespace {

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(int fd) : Transport(fd) {
    // read_idle() sleeps in recv() itself: one system call between two requests instead of two.
    const timeval idle{limits::kKeepAliveTime.count(), 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof idle);
  }

  Read read_some(char* to, size_t size, Deadline deadline) override {
    while (true) {
      const ssize_t got = recv(fd_, to, size, MSG_DONTWAIT);
      if (got > 0) return {Outcome::kBytes, static_cast<size_t>(got)};
      if (got == 0) return {Outcome::kClosed, 0};
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return {Outcome::kClosed, 0};
      short happened = 0;
      if (!wait_for(fd_, POLLIN, deadline, happened)) return {Outcome::kTimeout, 0};
    }
  }

  Read read_idle(char* to, size_t size) override {
    while (true) {
      const ssize_t got = recv(fd_, to, size, 0);
      if (got > 0) return {Outcome::kBytes, static_cast<size_t>(got)};
      if (got < 0 && errno == EINTR) continue;
      const bool waited = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
      return {waited ? Outcome::kTimeout : Outcome::kClosed, 0};
    }
  }

  bool write(iovec* pieces, int count) override {
    while (count > 0) {
      msghdr message{};
      message.msg_iov = pieces;
      message.msg_iovlen = static_cast<size_t>(count);
      const ssize_t put = sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return false;
      if (put < 0) {
        short happened = 0;
        if (!wait_for(fd_, POLLOUT | POLLRDHUP, deadline_in(limits::kWriteTime), happened)) {
          return false;
        }
        if ((happened & (POLLRDHUP | POLLHUP | POLLERR)) != 0) return false;
        continue;
      }
      auto taken = static_cast<size_t>(put);
      while (count > 0 && taken >= pieces->iov_len) {
        taken -= pieces->iov_len;
        ++pieces;
        --count;
      }
      if (count > 0) {
        pieces->iov_base = static_cast<char*>(pieces->iov_base) + taken;
        pieces->iov_len -= taken;
      }
    }
    return true;
  }

  void end_writing() override { shutdown(fd_, SHUT_WR); }
};

}  // namespace

std::unique_ptr<Transport> make_plain_transport(int fd) {
  return std::make_unique<PlainTransport>(fd);
}

bool wait_for(int fd, short events, Deadline deadline, short& happened) {
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd entry{fd, events, 0};
    const int ready = poll(&entry, 1, static_cast<int>(std::max<int64_t>(left.count(), 0)));
    if (ready < 0 && errno == EINTR) continue;
    happened = entry.revents;
    return ready > 0;
  }
}

std::string peer_address(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
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

}  // namespace tollgate::server
