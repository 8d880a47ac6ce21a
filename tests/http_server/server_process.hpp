#pragma once

// The real program in a folder of its own, and clients that speak to it byte by byte.

#include <chrono>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/types.h>
#include <vector>

#include <openssl/ssl.h>

namespace tollgate::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// The token of the user that test_config() has, and the key its account sends upstream.
inline constexpr std::string_view kToken = "canary-gateway-token-1";
inline constexpr std::string_view kUpstreamKey = "canary-upstream-key-2";
inline constexpr std::string_view kModel = "claude-test";

/// One account at 127.0.0.1:port with kModel, one user. `server` goes into the server document.
std::string test_config(int upstream_port, std::string_view server = {});

class ServerProcess {
 public:
  /// Starts `tollgate serve` with this configuration; empty: without a file. Waits until it
  /// listens or has ended. `descriptors_max`: it may open no more; 0: as many as the tests.
  explicit ServerProcess(const std::string& config, const std::vector<std::string>& arguments = {},
                         const std::vector<std::string>& environment = {},
                         const std::string& listen = "127.0.0.1:0", rlim_t descriptors_max = 0);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  int port() const { return port_; }
  const std::string& folder() const { return folder_; }
  std::string path(std::string_view name) const { return folder_ + "/" + std::string(name); }
  /// All it has written so far.
  std::string out() const;
  std::string err() const;
  /// A file in its folder; empty when it is not there.
  std::string file(std::string_view name) const;
  /// Waits until the file has the text.
  bool file_has(std::string_view name, std::string_view text, milliseconds patience) const;

  void signal(int number) const;
  /// Its exit code, or -1 when it still runs.
  int wait(milliseconds patience);
  /// Resident memory.
  size_t resident_bytes() const;

 private:
  std::string folder_;
  pid_t pid_ = -1;
  int exit_code_ = -1;
  int port_ = 0;
};

struct Reply {
  int status = 0;  ///< 0: the connection ended without an answer.
  std::string head;
  std::string body;    ///< Without the framing.
  bool whole = false;  ///< The framing says that nothing is missing.

  std::string header(std::string_view name) const;
};

class Client {
 public:
  explicit Client(int port, SSL_CTX* tls = nullptr);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool send(std::string_view bytes);
  /// Reads one answer. `to_head`: it was a HEAD request.
  Reply read(milliseconds patience = seconds(10), bool to_head = false);
  /// Reads until the received bytes have this text; gives all that was received and not read yet.
  std::string read_until(std::string_view text, milliseconds patience = seconds(10));
  /// Whether the server ends the connection in time, without sending anything more.
  bool ended(milliseconds patience);
  /// Forgets the bytes that have come; waits for some.
  void discard(milliseconds patience);
  void half_close();
  void close();

  Reply ask(std::string_view request, milliseconds patience = seconds(10)) {
    send(request);
    return read(patience);
  }

  SSL* tls() const { return tls_; }

 private:
  bool receive(std::chrono::steady_clock::time_point deadline);

  int fd_ = -1;
  SSL* tls_ = nullptr;
  std::string buffer_;
  bool ended_ = false;
};

/// "POST /v1/messages" with the token; `fields` are further header lines with their line breaks.
std::string message_request(std::string_view body, std::string_view fields = {});
std::string message_body(bool stream = false);

/// A streamed answer's head, and its events as chunks.
std::string stream_head();
std::string chunk(std::string_view bytes);
std::string event(std::string_view name, std::string_view rest = {});
/// A whole small stream up to and without message_stop.
std::string stream_beginning();
std::string stream_ending();

inline constexpr std::string_view kJsonMessage =
    R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-test","content":[)"
    R"({"type":"text","text":"hi"}],"stop_reason":"end_turn","stop_sequence":null,)"
    R"("usage":{"input_tokens":10,"output_tokens":5}})";

}  // namespace tollgate::test
