#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <openssl/ssl.h>

namespace tollgate::test {

/// One request as it came over the wire.
struct PeerRequest {
  std::string head;  ///< Request line and header lines, with the empty line.
  std::string body;

  std::string line() const { return head.substr(0, head.find("\r\n")); }
  /// The value of a header, its name in any case; empty when it is not there.
  std::string header(std::string_view name) const;
  bool has(std::string_view name) const;
};

/// A server's end of one connection, driven by the test's script.
class PeerConnection {
 public:
  PeerConnection(int fd, SSL* tls, size_t number) : fd_(fd), tls_(tls), number_(number) {}
  ~PeerConnection();
  PeerConnection(const PeerConnection&) = delete;
  PeerConnection& operator=(const PeerConnection&) = delete;

  /// False when the other side closed first.
  bool read_request(PeerRequest& request);
  /// False when the other side is gone.
  bool write(std::string_view bytes);
  /// True when the other side closed within this time.
  bool wait_closed(std::chrono::milliseconds patience);
  /// Ends the connection by a reset instead of a proper close.
  void reset();
  void close();
  /// Ends the connection under the script's hands, from any thread.
  void interrupt();
  /// From 0, in the order of arrival.
  size_t number() const { return number_; }

 private:
  long receive(char* data, size_t size);

  std::mutex mutex_;  ///< Between close() and interrupt().
  int fd_;
  SSL* tls_;
  size_t number_;
  std::string ahead_;
};

/// A scripted TCP or TLS server on loopback: each connection runs the script on a thread of its own
/// and is closed when the script returns.
class HttpPeer {
 public:
  using Script = std::function<void(PeerConnection&)>;

  explicit HttpPeer(Script script, SSL_CTX* tls = nullptr);
  ~HttpPeer();
  HttpPeer(const HttpPeer&) = delete;
  HttpPeer& operator=(const HttpPeer&) = delete;

  int port() const { return port_; }
  std::string url(std::string_view path = "/") const;
  size_t connections() const { return accepted_.load(); }

 private:
  void accept_all();
  void serve(int fd, size_t number);

  Script script_;
  SSL_CTX* tls_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<size_t> accepted_{0};
  std::mutex mutex_;
  std::vector<PeerConnection*> open_;
  std::vector<std::thread> workers_;
  std::thread acceptor_;
};

/// Answers every request of a connection with the same text.
HttpPeer::Script answer_each(std::string answer);

/// "HTTP/1.1 200 OK" with a content-length.
std::string json_answer(std::string_view body);

/// Lets one thread wait for another, for a bounded time.
class Signal {
 public:
  void set();
  bool wait(std::chrono::milliseconds patience = std::chrono::seconds(10));

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

}  // namespace tollgate::test
