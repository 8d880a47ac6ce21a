#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "drivers/curl/driver.hpp"
#include "drivers/curl/hub_set.hpp"
#include "drivers/curl/session.hpp"
#include "drivers/curl/timer_heap.hpp"

namespace tollgate::curl_driver {

class Loop;

/// One exchange in a loop, and the transfers it has going. Its timer is due at its deadline or
/// before: one that moves away need not be moved in the heap.
class LoopEntry final : public Carrier, public Timer {
 public:
  LoopEntry(Loop& loop, tg_exchange* exchange, uint64_t wake_token, const tg_curl_client& client)
      : token(wake_token), loop_(loop), session_(exchange, client, *this, true) {}

  Transfer* open(const tg_action& action, Session& session, Outcome& why) override;
  void detach(Transfer& transfer) override;
  void release(Transfer& transfer) override;
  void on_change() override;

  Session& session() { return session_; }

  // The loop's notes about it.
  const uint64_t token;
  uint64_t id = 0;       ///< Never used twice, unlike tokens.
  bool changed = false;  ///< It is in the loop's list of changed ones.
  bool watched = false;  ///< Its client's descriptor is in the epoll.

 private:
  struct Active {
    std::unique_ptr<Transfer> transfer;
    Hub* hub;
  };

  std::vector<Active>::iterator find(const Transfer& transfer);

  Loop& loop_;
  std::vector<Active> active_;
  Session session_;  // Last: it gives its transfers back before they go.
};

/// Serves any number of exchanges over one epoll, on a thread of its own or on one of the host's:
/// its home. Other threads only put messages into its inbox; everything else is the home's own and
/// needs no lock.
class Loop final : public WakeTarget {
 public:
  enum class Drive : uint8_t { kOwnThread, kHosted };

  /// Null when no descriptor is left; throws std::system_error when no thread is.
  static std::unique_ptr<Loop> create(Driver& driver, Drive drive);
  /// Tells all exchanges that their client has gone, and waits until they are done or the grace
  /// time is over.
  ~Loop() override;

  /// Readable when step() has something to do; -1 with a thread of its own.
  int fd() const { return hosted_ ? epoll_ : -1; }
  /// Does what can be done without waiting; when to be called again. Nothing with a thread of its
  /// own, or from within itself.
  uint64_t step() noexcept;

  /// False when the loop is ending.
  bool submit(tg_exchange* exchange, uint64_t token, const tg_curl_client& client);
  void unblock(uint64_t token) { post(Kind::kUnblock, token); }
  void client_gone(uint64_t token) { post(Kind::kGone, token); }
  void on_wake(uint64_t token) noexcept override { post(Kind::kWake, token); }

 private:
  friend class LoopEntry;

  enum class Kind : uint8_t { kSubmit, kWake, kUnblock, kGone };
  struct Message {
    Kind kind;
    uint64_t token;
    std::unique_ptr<LoopEntry> entry;
  };

  Loop(Driver& driver, int epoll, std::unique_ptr<Waker> waker, bool hosted);

  bool post(Kind kind, uint64_t token, std::unique_ptr<LoopEntry> entry = nullptr) noexcept;
  bool sees_by_itself(Kind kind) const noexcept;
  void serve() noexcept;
  bool round();
  void step_through();
  void handle_messages();
  void handle(Message& message);
  void start(std::unique_ptr<LoopEntry> entry);
  void take_events(int wait_ms);
  uint64_t next_ns() const;
  int wait_ms() const;
  void run_timers();
  void collect_finished();
  void settle_changed();
  void settle(LoopEntry& entry);
  void watch_client(LoopEntry& entry);
  void finish(uint64_t id);
  void hand_back(std::unique_ptr<LoopEntry> entry);
  void end_all();
  LoopEntry* entry_of(uint64_t id);

  Driver& driver_;
  const int epoll_;
  const bool hosted_;
  std::unique_ptr<Waker> waker_;
  SocketTable sockets_;
  HubSet hubs_;
  std::unordered_map<uint64_t, std::unique_ptr<LoopEntry>> entries_;
  std::unordered_map<uint64_t, uint64_t> ids_by_token_;
  TimerHeap timers_;
  std::vector<uint64_t> changed_;
  std::vector<uint64_t> settling_;
  std::vector<Message> messages_;  ///< Taken from the inbox.
  size_t handled_ = 0;             ///< Of messages_.
  uint64_t last_id_ = 0;
  uint64_t ends_at_ns_ = TG_NO_DEADLINE;  ///< When the grace time of the end is over.
  bool look_at_all_ = false;              ///< Memory ran out: changed_ may not be complete.
  bool stepping_ = false;                 ///< The home is within the loop's code.
  bool has_post_ = false;                 ///< The inbox is to be looked into before a wait.
  /// Whose posts need no call to the kernel: it looks into the inbox before it waits.
  std::atomic<std::thread::id> home_;

  std::mutex mutex_;
  std::vector<Message> inbox_;
  bool ending_ = false;

  std::thread thread_;
};

}  // namespace tollgate::curl_driver
