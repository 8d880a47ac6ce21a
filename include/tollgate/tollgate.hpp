/// The C interface for C++20: handles that free themselves, errors with text, string_view for
/// bytes. Header-only, so no C++ type crosses the library's edge; all rules of the C headers hold.
///
/// Whatever fails throws tollgate::Error; std::bad_alloc may come from what is copied here. The
/// C object is always there through get(), for what is not wrapped (drivers, ledger, background).
///
///     tollgate::Gateway gateway(yaml, options, now);
///     tollgate::Exchange exchange(gateway, now);
///     exchange.client_head("POST", target, headers, now);
///     exchange.client_body(body, now);
///     exchange.client_end(now);
///     for (const tg_action& action : exchange.actions()) perform(action);
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tollgate/tollgate.h"

namespace tollgate {

/// Borrows the text: valid as long as its characters are.
inline tg_bytes to_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// The same the other way round: as long-lived as the bytes are.
inline std::string_view to_view(tg_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

/// A call that failed: what() is its message.
class Error : public std::runtime_error {
 public:
  /// For drivers and wrappers of your own; `path` as in path().
  Error(tg_status status, const std::string& message, std::string path)
      : std::runtime_error(message), status_(status), path_(std::move(path)) {}

  /// A TG_E_ value.
  tg_status code() const { return status_; }
  /// Where, when it is about data; else empty.
  const std::string& path() const { return path_; }

 private:
  tg_status status_;
  std::string path_;
};

/// Frees a C object with its own function.
template <auto kFree>
struct Free {
  template <typename Object>
  /// Frees one object.
  void operator()(Object* object) const {
    kFree(object);
  }
};
/// An owned C object, as `Handle<tg_text, tg_text_free>`: for what is not wrapped here.
template <typename Object, auto kFree>
using Handle = std::unique_ptr<Object, Free<kFree>>;

/// Throws what a call reported; takes the error object.
inline void check(tg_status status, tg_error* error) {
  const Handle<tg_error, tg_error_free> owned(error);
  if (status == TG_OK) return;
  std::string message(to_view(tg_error_message(error)));
  if (message.empty()) message = status == TG_E_NOMEM ? "memory is out" : "the call failed";
  throw Error(status, message, std::string(to_view(tg_error_path(error))));
}

/// Text that the library made.
class Text {
 public:
  /// Takes the C object; NULL is an empty text.
  explicit Text(tg_text* text) : text_(text) {}
  /// Valid as long as this object.
  std::string_view view() const { return to_view(tg_text_bytes(text_.get())); }

 private:
  Handle<tg_text, tg_text_free> text_;
};

/// Header pairs as the C functions want them. Borrows names and values.
class Headers {
 public:
  Headers() = default;
  /// `{{"authorization", token}, {"content-type", "application/json"}}`
  Headers(std::initializer_list<std::pair<std::string_view, std::string_view>> pairs) {
    views_.reserve(pairs.size() * 2);
    for (const auto& [name, value] : pairs)
      add(name, value);
  }
  /// One more pair, after the others. The same name may come again.
  void add(std::string_view name, std::string_view value) {
    views_.push_back(to_bytes(name));
    views_.push_back(to_bytes(value));
  }
  /// As the C functions take them: name, value, name, value…
  const tg_bytes* data() const { return views_.data(); }
  /// How many pairs there are.
  uint32_t pairs() const { return static_cast<uint32_t>(views_.size() / 2); }

 private:
  std::vector<tg_bytes> views_;
};

/// The headers of an action, as a range of pairs.
class ActionHeaders {
 public:
  /// Of UPSTREAM_OPEN or CLIENT_HEAD. Valid as long as the action is.
  explicit ActionHeaders(const tg_action& action)
      : first_(action.headers), count_(action.header_count) {}

  class Iterator {
   public:
    explicit Iterator(const tg_bytes* at) : at_(at) {}
    std::pair<std::string_view, std::string_view> operator*() const {
      return {to_view(at_[0]), to_view(at_[1])};
    }
    Iterator& operator++() {
      at_ += 2;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const tg_bytes* at_;
  };
  /// The first pair, as `std::pair<std::string_view, std::string_view>`.
  Iterator begin() const { return Iterator(first_); }
  /// Behind the last pair.
  Iterator end() const { return Iterator(first_ + std::size_t{2} * count_); }

 private:
  const tg_bytes* first_;
  uint32_t count_;
};

/// tg_gateway. Safe from many threads, like the C object.
class Gateway {
 public:
  /// tg_gateway_create(): Error has every fault of the configuration in what(), one a line.
  Gateway(std::string_view config, const tg_gateway_options& options, tg_time now) {
    tg_gateway* made = nullptr;
    tg_error* error = nullptr;
    const tg_status status = tg_gateway_create(to_bytes(config), &options, now, &made, &error);
    gateway_.reset(made);
    check(status, error);
  }
  /// With the defaults of all options.
  Gateway(std::string_view config, tg_time now)
      : Gateway(config, tg_gateway_options TG_GATEWAY_OPTIONS_INIT, now) {}

  /// All or nothing: when it throws, the old configuration stays in force.
  void reload(std::string_view config, tg_time now) const {
    tg_error* error = nullptr;
    const tg_status status = tg_gateway_reload(get(), to_bytes(config), now, &error);
    check(status, error);
  }
  /// JSON, as tg_gateway_describe() documents it.
  Text describe() const { return text_of(tg_gateway_describe); }
  /// Prometheus text, as `GET /metrics` answers it.
  Text metrics() const { return text_of(tg_gateway_metrics); }
  /// While draining, new requests are refused and `/readyz` answers 503; running ones go on.
  void set_draining(bool draining) const { tg_gateway_set_draining(get(), draining ? 1 : 0); }
  /// Exchanges that were made and not freed yet.
  uint64_t open_exchanges() const { return tg_gateway_open_exchanges(get()); }
  /// For functions that are not wrapped; stays owned by this object.
  const tg_gateway* get() const { return gateway_.get(); }

 private:
  Text text_of(tg_status (*call)(const tg_gateway*, tg_text**, tg_error**)) const {
    tg_text* text = nullptr;
    tg_error* error = nullptr;
    const tg_status status = call(get(), &text, &error);
    check(status, error);
    return Text(text);
  }

  Handle<tg_gateway, tg_gateway_free> gateway_;
};

/// Pulls the actions of an exchange until WAIT or DONE; that last one is not among them, the
/// exchange's done() and deadline_ns() tell it. An action is valid until the next one is pulled.
template <typename Owner>
class Actions {
 public:
  /// What Exchange::actions() gives.
  explicit Actions(Owner& owner) : owner_(&owner) {}

  /// The end: nothing but a mark, as an iterator knows by itself that it is there.
  struct End {};
  class Iterator {
   public:
    explicit Iterator(Owner& owner) : owner_(&owner), more_(owner.pull()) {}
    const tg_action& operator*() const { return owner_->action(); }
    Iterator& operator++() {
      more_ = owner_->pull();
      return *this;
    }
    bool operator!=(End /*end*/) const { return more_; }

   private:
    Owner* owner_;
    bool more_;
  };
  /// Pulls the first action.
  Iterator begin() const { return Iterator(*owner_); }
  /// Where WAIT or DONE came.
  End end() const { return {}; }

 private:
  Owner* owner_;
};

/// tg_exchange. One thread at a time. Every event throws Error when the C function fails.
class Exchange {
 public:
  /// tg_exchange_create(). The gateway may go before the exchange.
  Exchange(const Gateway& gateway, const tg_exchange_options& options, tg_time now) {
    tg_exchange* made = nullptr;
    tg_error* error = nullptr;
    const tg_status status = tg_exchange_create(gateway.get(), &options, now, &made, &error);
    exchange_.reset(made);
    check(status, error);
  }
  /// With the defaults of all options.
  Exchange(const Gateway& gateway, tg_time now)
      : Exchange(gateway, tg_exchange_options TG_EXCHANGE_OPTIONS_INIT, now) {}

  /// The head of the request, once and first; a refusal comes out as actions. `target` is path and
  /// query, as received.
  void client_head(std::string_view method, std::string_view target, const Headers& headers,
                   tg_time now) {
    call(tg_exchange_client_head, to_bytes(method), to_bytes(target), headers.data(),
         headers.pairs(), now);
  }
  /// Bytes of the request, in any pieces.
  void client_body(std::string_view body, tg_time now) {
    call(tg_exchange_client_body, to_bytes(body), now);
  }
  /// The request is complete; also for one without a body.
  void client_end(tg_time now) { call(tg_exchange_client_end, now); }
  /// The client closed or reset: upstream is cancelled, costs are settled. In any state.
  void client_gone(tg_time now) { call(tg_exchange_client_gone, now); }
  /// The client takes no bytes: feed no upstream bytes until client_unblocked().
  void client_blocked(tg_time now) { call(tg_exchange_client_blocked, now); }
  /// The client takes bytes again.
  void client_unblocked(tg_time now) { call(tg_exchange_client_unblocked, now); }
  /// The request of this attempt has left the host: its bytes are freed early.
  void upstream_sent(uint32_t attempt, tg_time now) {
    call(tg_exchange_upstream_sent, attempt, now);
  }
  /// The head of the answer to an attempt, not one of 1xx.
  void upstream_head(uint32_t attempt, uint32_t http_status, const Headers& headers, tg_time now) {
    call(tg_exchange_upstream_head, attempt, http_status, headers.data(), headers.pairs(), now);
  }
  /// Bytes of the answer as they came, undecoded; pull before the next piece.
  void upstream_body(uint32_t attempt, std::string_view body, tg_time now) {
    call(tg_exchange_upstream_body, attempt, to_bytes(body), now);
  }
  /// The end of the answer, as HTTP says it.
  void upstream_end(uint32_t attempt, tg_time now) { call(tg_exchange_upstream_end, attempt, now); }
  /// The attempt ended in any other way. `detail` is for the record; no secrets.
  void upstream_failed(uint32_t attempt, tg_failure failure, std::string_view detail, tg_time now) {
    call(tg_exchange_upstream_failed, attempt, static_cast<int32_t>(failure), to_bytes(detail),
         now);
  }
  /// At deadline_ns(), or when the exchange was woken.
  void tick(tg_time now) { call(tg_exchange_tick, now); }

  /// `for (const tg_action& action : exchange.actions())`
  Actions<Exchange> actions() { return Actions<Exchange>(*this); }
  /// The last pull ended with DONE.
  bool done() const { return action_.kind == TG_ACTION_DONE; }
  /// When to call tick() at the latest; TG_NO_DEADLINE for never.
  uint64_t deadline_ns() const { return action_.deadline_ns; }
  /// Pulls one action; false for WAIT and DONE.
  bool pull() {
    call(tg_exchange_next_action, &action_);
    return action_.kind != TG_ACTION_WAIT && action_.kind != TG_ACTION_DONE;
  }
  /// The action that the last pull() filled, also WAIT and DONE.
  const tg_action& action() const { return action_; }
  /// For functions that are not wrapped; stays owned by this object.
  tg_exchange* get() { return exchange_.get(); }
  /// Hands the C object over, as to a driver's loop; the wrapper is empty then.
  tg_exchange* release() { return exchange_.release(); }

 private:
  template <typename Function, typename... Arguments>
  void call(Function function, Arguments... arguments) {
    tg_error* error = nullptr;
    const tg_status status = function(exchange_.get(), arguments..., &error);
    check(status, error);
  }

  Handle<tg_exchange, tg_exchange_free> exchange_;
  tg_action action_ = TG_ACTION_INIT;
};

/// tg_policy: the decision alone.
class Policy {
 public:
  /// The configuration in force now; the gateway may go before.
  explicit Policy(const Gateway& gateway) {
    tg_policy* made = nullptr;
    tg_error* error = nullptr;
    const tg_status status = tg_policy_create(gateway.get(), &made, &error);
    policy_.reset(made);
    check(status, error);
  }
  /// JSON, as tg_policy_explain() documents it.
  Text explain(const Headers& headers, std::string_view request, tg_time now) const {
    tg_text* text = nullptr;
    tg_error* error = nullptr;
    const tg_status status = tg_policy_explain(policy_.get(), headers.data(), headers.pairs(),
                                               to_bytes(request), now, &text, &error);
    check(status, error);
    return Text(text);
  }
  /// JSON, as tg_policy_explain_draws() documents it.
  Text explain(const Headers& headers, std::string_view request, tg_time now, uint64_t seed,
               uint32_t draws) const {
    tg_text* text = nullptr;
    tg_error* error = nullptr;
    const tg_status status =
        tg_policy_explain_draws(policy_.get(), headers.data(), headers.pairs(), to_bytes(request),
                                now, seed, draws, &text, &error);
    check(status, error);
    return Text(text);
  }
  /// Runs policy tests; the report is JSON, as tg_policy_test() documents it.
  static Text test(std::string_view cases, std::string_view config,
                   const tg_gateway_options* options, tg_time now) {
    tg_text* text = nullptr;
    tg_error* error = nullptr;
    const tg_status status =
        tg_policy_test(to_bytes(cases), to_bytes(config), options, now, &text, &error);
    check(status, error);
    return Text(text);
  }

 private:
  Handle<tg_policy, tg_policy_free> policy_;
};

/// tg_waker: give tg_waker_wake and get() to tg_gateway_options, watch fd().
class Waker {
 public:
  Waker() {
    tg_waker* made = nullptr;
    tg_error* error = nullptr;
    const tg_status status = tg_waker_create(&made, &error);
    waker_.reset(made);
    check(status, error);
  }
  /// Readable while there are tokens to take(); watch it, read nothing from it.
  int fd() const { return tg_waker_fd(waker_.get()); }
  /// The tokens of all that was woken since: tick() the exchanges they belong to.
  std::vector<uint64_t> take() {
    std::vector<uint64_t> tokens;
    uint64_t some[64];
    for (uint32_t count = 64; count == 64;) {
      count = tg_waker_take(waker_.get(), some, 64);
      tokens.insert(tokens.end(), some, some + count);
    }
    return tokens;
  }
  /// For tg_gateway_options.wake_user.
  tg_waker* get() { return waker_.get(); }

 private:
  Handle<tg_waker, tg_waker_free> waker_;
};

}  // namespace tollgate
