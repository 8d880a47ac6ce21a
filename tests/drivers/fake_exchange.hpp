#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tollgate/exchange.h"

/// A scripted exchange in place of the core's: it hands out queued actions, writes down every event
/// and notes what the contract of exchange.h forbids. Without a script it passes one upstream's
/// answer on to the client.
struct tg_exchange {
  struct Event {
    std::string name;  ///< "head", "body", "end", "failed", "sent", "tick", "gone", "blocked", …
    uint32_t attempt = 0;
    uint32_t status = 0;  ///< HTTP status or tg_failure.
    std::string text;     ///< Body or detail.
    std::vector<std::pair<std::string, std::string>> headers;
  };

  /// A request to open; the strings live as long as the exchange.
  struct Open {
    std::string url;
    std::string method = "POST";
    std::vector<std::pair<std::string, std::string>> headers;
    std::vector<std::string> spans;
    uint32_t flags = 0;
    std::string ca_file;
    std::string client_cert_file;
    std::string client_key_file;
    std::string proxy;
  };

  tg_exchange() = default;
  explicit tg_exchange(Open first) { open(std::move(first)); }

  void open(Open request, uint32_t attempt = 1);
  void push(int32_t kind, std::string body = {}, uint32_t attempt = 0, uint32_t status = 0);
  void finish();

  /// Events by name and attempt, as "head 1 200", in order. Bodies of one attempt in a row are one.
  std::string log() const;
  std::string upstream_body(uint32_t attempt = 1) const;
  const Event* find(std::string_view name, uint32_t attempt = 0) const;
  size_t count(std::string_view name) const;

  /// Returns true when it has dealt with the event instead of the usual way.
  std::function<bool(tg_exchange&, const Event&)> script;
  uint64_t deadline_ns = UINT64_MAX;
  std::vector<Event> events;
  std::vector<std::string> violations;
  /// Returned by tg_exchange_next_actions() instead of actions, when not TG_OK.
  tg_status broken = TG_OK;

  // The seam's side.
  tg_status feed(Event event);
  tg_status next(tg_action* actions, uint32_t capacity, uint32_t* count);

 private:
  struct Queued {
    tg_action action;
    std::string body;
  };
  struct Opened {
    Open request;
    std::vector<tg_bytes> headers;
    std::vector<tg_bytes> spans;
  };

  void usual(const Event& event);
  void note(const Event& event);

  std::deque<Queued> queue_;
  std::list<Opened> opened_;
  std::vector<Queued> handed_out_;
  std::atomic<int> inside_{0};
  bool waiting_ = true;
  bool blocked_ = false;
  bool done_ = false;
};

struct tg_error {
  tg_status status;
  std::string message;
  std::string path;
};
