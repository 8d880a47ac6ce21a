#pragma once

#include <cstdint>
#include <memory>

#include <curl/curl.h>

namespace tollgate::curl_driver {

/// Told which sockets a Multi wants to be watched. Epoll or a list for poll(): the owner's choice.
class SocketWatcher {
 public:
  virtual ~SocketWatcher() = default;
  /// events: POLLIN and POLLOUT bits; 0 ends the watch, before the socket is closed.
  virtual void watch(curl_socket_t socket, short events) = 0;
};

/// A curl_multi driven by events: its owner polls and says what is ready. libcurl then knows what
/// it may read and makes no poll of its own for each read, as it does under curl_multi_perform().
class Multi {
 public:
  /// Null when libcurl has no memory or no descriptors.
  static std::unique_ptr<Multi> create(SocketWatcher& watcher);

  ~Multi();
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  /// Adds a handle. The timer is due at once; its next on_timer() begins the transfer.
  bool add(CURL* easy);
  void remove(CURL* easy);
  /// How many connections may stay when a transfer ends, with those that others are using.
  void keep_connections(long count);

  /// revents: what poll() or epoll said.
  void on_ready(curl_socket_t socket, uint32_t revents);
  void on_timer();

  /// When on_timer() is due; TG_NO_DEADLINE for never.
  uint64_t timer_ns() const { return timer_ns_; }

  /// The next handle that is through, null when there is none.
  CURL* next_finished(CURLcode& code);

 private:
  explicit Multi(CURLM* multi, SocketWatcher& watcher) : multi_(multi), watcher_(watcher) {}

  static int on_socket_change(CURL* easy, curl_socket_t socket, int what, void* user, void* own);
  static int on_timer_change(CURLM* multi, long timeout_ms, void* user);

  CURLM* multi_;
  SocketWatcher& watcher_;
  uint64_t timer_ns_ = UINT64_MAX;
};

/// A curl_multi for one thread that waits in it. One that is driven by events has a table of
/// sockets of 29 KB, too much for a stream; this one pays with a poll of libcurl's own for each
/// read.
class WaitingMulti {
 public:
  /// Null when libcurl has no memory or no descriptors.
  static std::unique_ptr<WaitingMulti> create(long connections_max);

  ~WaitingMulti() { curl_multi_cleanup(multi_); }
  WaitingMulti(const WaitingMulti&) = delete;
  WaitingMulti& operator=(const WaitingMulti&) = delete;

  bool add(CURL* easy) { return curl_multi_add_handle(multi_, easy) == CURLM_OK; }
  void remove(CURL* easy) { curl_multi_remove_handle(multi_, easy); }

  /// Does what can be done without waiting.
  void perform();
  /// Waits until a socket or a timer of its own, or `fd`, is due; -1 is for ever. True when `fd` is
  /// readable.
  bool wait(int fd, int timeout_ms);

  CURL* next_finished(CURLcode& code);

 private:
  explicit WaitingMulti(CURLM* multi) : multi_(multi) {}

  CURLM* multi_;
};

}  // namespace tollgate::curl_driver
