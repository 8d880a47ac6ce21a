#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace tollgate::curl_driver {

/// An eventfd that ends another thread's poll.
class Waker {
 public:
  /// Null when no descriptor is left.
  static std::unique_ptr<Waker> create();
  ~Waker();
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  void wake() noexcept;
  /// True when there was a wake() since the last take().
  bool take() noexcept;
  bool pending() const noexcept { return pending_.load(); }
  int fd() const { return fd_; }

 private:
  explicit Waker(int fd) : fd_(fd) {}

  int fd_;
  std::atomic<bool> pending_{false};
};

/// Somebody who waits for wake tokens.
class WakeTarget {
 public:
  virtual ~WakeTarget() = default;
  /// Called on any thread, with the registry locked: may only schedule.
  virtual void on_wake(uint64_t token) noexcept = 0;
};

/// A target with this token is woken for every token.
inline constexpr uint64_t kAnyToken = 0;

/// Which token wakes whom. A target that was removed is not called any more. Hosts feed an exchange
/// before they hand it over: who comes is woken for what came for its token a moment ago.
class WakeRegistry {
 public:
  void add(uint64_t token, WakeTarget& target);
  void remove(uint64_t token, WakeTarget& target) noexcept;
  void wake(uint64_t token) noexcept;

 private:
  static constexpr size_t kMissedMax = 256;

  std::mutex mutex_;
  std::array<uint64_t, kMissedMax> missed_{};  ///< The last tokens that woke nobody.
  size_t next_missed_ = 0;
  std::unordered_multimap<uint64_t, WakeTarget*> targets_;
};

}  // namespace tollgate::curl_driver
