#pragma once

// One line for a person for each finished request. Records are only handed over by the threads that
// serve; a thread of its own reads them and writes the lines, many with one write().

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace tollgate::server {

class LiveLog {
 public:
  /// Lines go to the descriptor; -1: nowhere.
  explicit LiveLog(int fd);
  LiveLog(const LiveLog&) = delete;
  LiveLog& operator=(const LiveLog&) = delete;
  /// Writes what is waiting.
  ~LiveLog();

  void push(std::string_view record);

 private:
  void work();

  int fd_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string waiting_;
  uint64_t dropped_ = 0;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace tollgate::server
