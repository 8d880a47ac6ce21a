#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/sockets.hpp"

namespace tollgate::bench {

/// Reads answers off one connection: the head, then a body by its length or in chunks. It keeps no
/// body, only what it must to find the end and the times that events carry.
class AnswerReader {
 public:
  /// Takes received bytes; false when they are not HTTP. `now_ns` is when they came.
  bool feed(std::string_view bytes, uint64_t now_ns);
  /// Ready for the next answer.
  void reset();

  bool complete() const { return complete_; }
  bool head_read() const { return head_read_; }
  uint32_t status() const { return status_; }
  bool encoded() const { return encoded_; }
  /// How late each event was that came since the last call, in nanoseconds.
  std::vector<uint64_t> take_delays();
  bool has_delays() const { return !delays_.empty(); }

 private:
  bool read_head();
  void feed_body(std::string_view bytes, uint64_t now_ns);
  void find_times(std::string_view bytes, uint64_t now_ns);

  std::string head_;
  std::string tail_;  ///< The last bytes, where a mark may stand that was split.
  std::vector<uint64_t> delays_;
  uint64_t body_left_ = 0;
  uint32_t status_ = 0;
  bool head_read_ = false;
  bool chunked_ = false;
  bool encoded_ = false;
  bool complete_ = false;
};

/// A connection that sends one prepared request at a time.
struct Client {
  int fd = -1;
  size_t sent = 0;
  uint64_t started_ns = 0;
  uint64_t finished_ns = 0;
  bool failed = false;
  AnswerReader reader;

  void open(uint16_t port) {
    fd = connect_to(port);
    started_ns = mono_ns();
  }
  void shut() {
    if (fd >= 0) close(fd);
    fd = -1;
  }
};

/// Reads until the socket is empty; false when the peer has gone or does not speak HTTP.
bool receive(Client& client);

/// One whole request, head and body.
std::string whole_request(std::string_view model, bool stream, size_t body_bytes,
                          std::string_view token);

/// Asks the mock upstream how many streams are open.
uint64_t open_streams(uint16_t mock_port);

/// CPU time and memory of another process.
struct ProcessUse {
  double cpu_s = 0;
  uint64_t rss_kb = 0;
};
ProcessUse process_use(int pid);

/// The value below which `part` of them lie; sorts. 0 for none.
uint64_t quantile(std::vector<uint64_t>& values, double part);

}  // namespace tollgate::bench
