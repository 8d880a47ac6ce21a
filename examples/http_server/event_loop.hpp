#pragma once

// One thread that serves many connections: an epoll for their sockets and their deadlines, and the
// driver's hosted loop for what they ask upstream.

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tollgate/curl.h"

#include "connection.hpp"
#include "http_head.hpp"
#include "service.hpp"

namespace tollgate::server {

class EventLoop {
 public:
  /// Nothing when descriptors or memory have run out.
  static std::unique_ptr<EventLoop> create(Service& service);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  /// Breaks what is left and waits for the thread.
  ~EventLoop();

  void start();

  // From any thread.

  /// Takes over a client's socket, which must not block.
  void adopt(int fd, std::string address, Purpose purpose);
  /// Ends the connection that has waited longest for a request, if one does.
  void dismiss_one();
  /// Ends all that have no request, and from now on every other one after its answer.
  void dismiss_idle();
  /// Breaks the connections that are at work, as if their clients had gone.
  void break_busy();
  size_t open() const { return open_; }
  size_t waiting() const { return waiting_; }
  size_t busy() const { return busy_; }

  // On the loop's thread, for its connections.

  Service& service() { return service_; }
  tg_curl_loop* curl() { return curl_; }
  /// A head to parse into; its content is the caller's until it returns.
  RequestHead& head() { return head_; }
  bool closing() const { return closing_; }
  /// The connection's deadline has changed.
  void arm(Connection& connection);
  /// Calls resume() when the driver's callbacks have returned.
  void later(Connection& connection);
  /// Before the connection's standing changes to this one.
  void note_standing(Connection& connection, Connection::Standing standing);
  /// The connection is over: it goes when nothing of it runs any more.
  void forget(Connection& connection);

 private:
  enum class Wish : uint8_t { kAdopt, kDismissOne, kDismissIdle, kBreakBusy, kEnd };
  struct Message {
    Wish wish;
    int fd = -1;
    Purpose purpose = Purpose::kServe;
    std::string address{};
  };

  explicit EventLoop(Service& service) : service_(service) {}
  bool prepare();
  void post(Message message);
  void work();
  void wait(uint64_t until_ns);
  void take_messages();
  void add(Message& message);
  void run_deadlines();
  void run_later();
  void drop_over();
  Connection* find(uint64_t id);

  Service& service_;
  int epoll_ = -1;
  int waker_ = -1;
  tg_curl_loop* curl_ = nullptr;
  RequestHead head_;
  uint64_t last_id_ = 0;
  std::unordered_map<uint64_t, std::unique_ptr<Connection>> connections_;
  std::list<Connection*> waiters_;  ///< Those that wait for a request, the longest first.
  std::set<std::pair<uint64_t, uint64_t>> deadlines_;  ///< When, and whose.
  std::vector<uint64_t> later_;
  std::vector<uint64_t> resuming_;  ///< Kept for its memory.
  std::vector<uint64_t> over_;
  bool closing_ = false;
  bool ending_ = false;
  std::atomic<size_t> open_{0};
  std::atomic<size_t> waiting_{0};
  std::atomic<size_t> busy_{0};

  std::mutex mutex_;
  std::vector<Message> inbox_;

  std::thread thread_;
};

}  // namespace tollgate::server
