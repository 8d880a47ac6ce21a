#include "support/http_peer.hpp"

#include <arpa/inet.h>
#include <cstdlib>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdexcept>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tollgate::test {
namespace {

constexpr size_t kRequestBytesMax = 40 * 1024 * 1024;

size_t find_header(const std::string& head, std::string_view name) {
  for (size_t at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
    const size_t start = at + 2;
    if (head.size() > start + name.size() && head[start + name.size()] == ':' &&
        strncasecmp(head.c_str() + start, std::string(name).c_str(), name.size()) == 0) {
      return start + name.size() + 1;
    }
  }
  return std::string::npos;
}

}  // namespace

bool PeerRequest::has(std::string_view name) const {
  return find_header(head, name) != std::string::npos;
}

std::string PeerRequest::header(std::string_view name) const {
  size_t at = find_header(head, name);
  if (at == std::string::npos) return {};
  while (head[at] == ' ')
    ++at;
  return head.substr(at, head.find("\r\n", at) - at);
}

PeerConnection::~PeerConnection() {
  close();
}

long PeerConnection::receive(char* data, size_t size) {
  if (tls_ != nullptr) return SSL_read(tls_, data, static_cast<int>(size));
  return recv(fd_, data, size, 0);
}

bool PeerConnection::read_request(PeerRequest& request) {
  char buffer[65536];
  size_t end = 0;
  size_t size = 0;
  request = {};
  while (true) {
    end = ahead_.find("\r\n\r\n");
    if (end != std::string::npos) {
      request.head = ahead_.substr(0, end + 4);
      const std::string length = request.header("content-length");
      size = length.empty() ? 0 : std::strtoul(length.c_str(), nullptr, 10);
      if (ahead_.size() >= end + 4 + size) break;
    }
    if (ahead_.size() > kRequestBytesMax) return false;
    const long got = receive(buffer, sizeof buffer);
    if (got <= 0) return false;
    ahead_.append(buffer, static_cast<size_t>(got));
  }
  request.body = ahead_.substr(end + 4, size);
  ahead_.erase(0, end + 4 + size);
  return true;
}

bool PeerConnection::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const long put = tls_ != nullptr ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                                     : send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(put));
  }
  return true;
}

bool PeerConnection::wait_closed(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  char byte = 0;
  while (std::chrono::steady_clock::now() < until) {
    pollfd entry{fd_, POLLIN | POLLRDHUP, 0};
    if (poll(&entry, 1, 10) <= 0) continue;
    if ((entry.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) return true;
    if (recv(fd_, &byte, 1, MSG_DONTWAIT) == 0) return true;
  }
  return false;
}

void PeerConnection::reset() {
  const linger hard{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  // Without an SSL_shutdown nothing is written before the reset.
  if (tls_ != nullptr) SSL_set_quiet_shutdown(tls_, 1);
  close();
}

void PeerConnection::close() {
  if (tls_ != nullptr) {
    SSL_shutdown(tls_);
    SSL_free(tls_);
    tls_ = nullptr;
  }
  const std::lock_guard lock(mutex_);
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void PeerConnection::interrupt() {
  const std::lock_guard lock(mutex_);
  if (fd_ >= 0) shutdown(fd_, SHUT_RDWR);
}

HttpPeer::HttpPeer(Script script, SSL_CTX* tls) : script_(std::move(script)), tls_(tls) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || bind(listener_, any, size) != 0 || listen(listener_, 1024) != 0 ||
      getsockname(listener_, any, &size) != 0) {
    throw std::runtime_error("the test's server does not start");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

HttpPeer::~HttpPeer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (PeerConnection* connection : open_)
      connection->interrupt();
  }
  for (std::thread& worker : workers_)
    worker.join();
}

std::string HttpPeer::url(std::string_view path) const {
  return (tls_ != nullptr ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(port_) +
         std::string(path);
}

void HttpPeer::accept_all() {
  while (true) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const size_t number = accepted_.fetch_add(1);
    workers_.emplace_back([this, fd, number] { serve(fd, number); });
  }
}

void HttpPeer::serve(int fd, size_t number) {
  // OpenSSL writes without MSG_NOSIGNAL. Only here: in the driver a SIGPIPE is a fault to be found.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  SSL* tls = tls_ != nullptr ? SSL_new(tls_) : nullptr;
  if (tls != nullptr) SSL_set_fd(tls, fd);
  PeerConnection connection(fd, tls, number);
  {
    const std::lock_guard lock(mutex_);
    open_.push_back(&connection);
  }
  if (tls == nullptr || SSL_accept(tls) == 1) script_(connection);
  const std::lock_guard lock(mutex_);
  std::erase(open_, &connection);
}

HttpPeer::Script answer_each(std::string answer) {
  return [answer = std::move(answer)](PeerConnection& connection) {
    PeerRequest request;
    while (connection.read_request(request) && connection.write(answer)) {
    }
  };
}

std::string json_answer(std::string_view body) {
  return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

void Signal::set() {
  const std::lock_guard lock(mutex_);
  set_ = true;
  changed_.notify_all();
}

bool Signal::wait(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [this] { return set_; });
}

}  // namespace tollgate::test
