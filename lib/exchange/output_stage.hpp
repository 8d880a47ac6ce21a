#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace tollgate::exchange {

/// The one sink of all roads: every byte of an answer goes through here on its way to the client.
/// It holds until told to pass; what is held can still be replaced by nothing, so that another
/// target may answer instead. Whoever wants to look at answers, hold or replace parts of them, does
/// it here.
class OutputStage {
 public:
  /// Where a road appends now.
  std::string& room() { return passing_ ? ready_ : held_; }
  size_t held() const { return held_.size(); }

  /// Lets held bytes go, and later ones at once.
  void pass() {
    passing_ = true;
    if (ready_.empty()) {
      ready_.swap(held_);
    } else {
      ready_ += held_;
    }
    std::string().swap(held_);
  }
  /// Holds from now on.
  void hold() { passing_ = false; }
  /// Forgets what is held.
  void drop_held() { held_.clear(); }
  /// Sends bytes of our own past the hold (a ping, an error, a whole answer).
  void insert(std::string_view bytes) { ready_ += bytes; }
  void insert(std::string&& bytes) {
    if (ready_.empty()) {
      ready_ = std::move(bytes);
    } else {
      ready_ += bytes;
    }
  }

  bool has_ready() const { return !ready_.empty(); }
  /// Hands over everything that is ready; `out`'s old memory is used again.
  void take(std::string& out) {
    out.clear();
    // A burst must not be remembered for the rest of a long stream.
    if (out.capacity() > kKeptCapacity) std::string().swap(out);
    out.swap(ready_);
  }

 private:
  static constexpr size_t kKeptCapacity = 4096;

  bool passing_ = false;
  std::string held_;
  std::string ready_;
};

}  // namespace tollgate::exchange
