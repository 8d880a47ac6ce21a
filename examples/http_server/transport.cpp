#include "transport.hpp"

#include <cerrno>
#include <sys/socket.h>

namespace tollgate::server {

namespace {

class PlainTransport final : public Transport {
 public:
  using Transport::Transport;

  Outcome open() override { return Outcome::kBytes; }

  Result read_some(char* to, size_t size, bool& drained) override {
    ssize_t got = 0;
    do {
      got = recv(fd_, to, size, 0);
    } while (got < 0 && errno == EINTR);
    if (got == 0) return {};
    if (got < 0) return {wait_or_closed()};
    const auto taken = static_cast<size_t>(got);
    drained = taken < size;
    return {Outcome::kBytes, taken};
  }

  Result write(const iovec* pieces, size_t count) override {
    msghdr message{};
    // sendmsg() does not write to what it sends; its struct is shared with recvmsg().
    message.msg_iov = const_cast<iovec*>(pieces);
    message.msg_iovlen = count;
    ssize_t put = 0;
    do {
      put = sendmsg(fd_, &message, MSG_NOSIGNAL);
    } while (put < 0 && errno == EINTR);
    if (put < 0) return {wait_or_closed()};
    return {Outcome::kBytes, static_cast<size_t>(put)};
  }

  void end_writing() override { shutdown(fd_, SHUT_WR); }

 private:
  static Outcome wait_or_closed() {
    return errno == EAGAIN || errno == EWOULDBLOCK ? Outcome::kWait : Outcome::kClosed;
  }
};

}  // namespace

Transport::Result Transport::read(char* to, size_t size) {
  if (!readable_) return {Outcome::kWait};
  bool drained = false;
  const Result result = read_some(to, size, drained);
  readable_ = (ends_ || !drained) && result.outcome != Outcome::kWait;
  return result;
}

std::unique_ptr<Transport> make_plain_transport(int fd) {
  return std::make_unique<PlainTransport>(fd);
}

}  // namespace tollgate::server
