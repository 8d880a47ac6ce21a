#include "live_log.hpp"

#include "host.hpp"
#include "limits.hpp"
#include "live_line.hpp"

namespace tollgate::server {

LiveLog::LiveLog(int fd) : fd_(fd) {
  if (fd_ >= 0) thread_ = std::thread([this] { work(); });
}

LiveLog::~LiveLog() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void LiveLog::push(std::string_view record) {
  if (fd_ < 0) return;
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() + record.size() >= limits::kLiveLogBytesMax) {
      ++dropped_;
      return;
    }
    first = waiting_.empty();
    waiting_.append(record);
    waiting_ += '\n';
  }
  if (first) wake_.notify_one();
}

void LiveLog::work() {
  LiveLine line;
  std::string records;
  std::string lines;
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    // Under load many records come within the interval and share a write.
    wake_.wait_for(lock, limits::kLiveLogInterval, [this] { return closing_; });
    records.swap(waiting_);
    const uint64_t dropped = dropped_;
    dropped_ = 0;
    const bool closing = closing_;
    lock.unlock();

    std::string_view rest = records;
    while (!rest.empty()) {
      const size_t end = rest.find('\n');
      line.append(lines, rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
    if (dropped > 0) lines += "(" + std::to_string(dropped) + " more requests)\n";
    // A closed terminal is no reason to stop serving.
    static_cast<void>(write_all(fd_, lines));
    records.clear();
    lines.clear();
    if (closing) return;
    lock.lock();
  }
}

}  // namespace tollgate::server
