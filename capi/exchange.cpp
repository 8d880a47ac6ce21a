#include "tollgate/exchange.h"

#include <algorithm>
#include <memory>
#include <string>

#include "base/limits.hpp"
#include "capi/objects.hpp"
#include "exchange/exchange.hpp"

struct tg_exchange {
  std::unique_ptr<tollgate::exchange::Exchange> exchange;
  bool spent = false;  ///< A call ran out of memory or broke an invariant: it may only be freed.
};

using tollgate::Code;
using tollgate::invalid;
using tollgate::Status;
using tollgate::capi::guard;
using tollgate::capi::time_of;
using tollgate::capi::view;
using tollgate::exchange::Exchange;

namespace {

/// The part of tg_action that ABI 1 has; a smaller struct is no tg_action.
constexpr size_t kActionSizeMin = sizeof(tg_action);

/// Runs an event on an exchange; whatever leaves it half done makes it spent.
template <typename Body>
tg_status on_exchange(tg_exchange* handle, tg_error** error, Body&& body) {
  if (handle == nullptr) {
    return guard(error, [] { return invalid("exchange is NULL"); });
  }
  const tg_status status = guard(error, [&]() -> Status {
    if (handle->spent) {
      return Status(Code::kState, "this exchange failed before and may only be freed");
    }
    return body(*handle->exchange);
  });
  if (status == TG_E_NOMEM || status == TG_E_INTERNAL) handle->spent = true;
  return status;
}

bool is_request_id(std::string_view id) {
  if (id.size() > tollgate::limits::kRequestIdBytesMax) return false;
  return std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < 127; });
}

}  // namespace

tg_status tg_exchange_create(const tg_gateway* gateway, const tg_exchange_options* options,
                             tg_time now, tg_exchange** exchange, tg_error** error) {
  if (exchange != nullptr) *exchange = nullptr;
  return guard(error, [&]() -> Status {
    if (gateway == nullptr || exchange == nullptr) return invalid("an argument is NULL");
    tg_exchange_options known = TG_EXCHANGE_OPTIONS_INIT;
    if (Status status = tollgate::capi::read_struct(options, known, "tg_exchange_options");
        !status.ok()) {
      return status;
    }
    for (const tg_bytes& given : {known.request_id, known.client_address}) {
      if (Status status = tollgate::capi::check_bytes(given, "an option"); !status.ok()) {
        return status;
      }
    }
    if (known.reserved_flags != 0) return invalid("reserved_flags must be 0", "reserved_flags");
    if (known.client_address.size > tollgate::capi::kNameBytesMax) {
      return invalid("client_address has at most 4096 bytes", "client_address");
    }
    if (!is_request_id(view(known.request_id))) {
      return invalid("request_id must be at most 128 visible ASCII characters", "request_id");
    }
    tollgate::exchange::ExchangeOptions wanted;
    wanted.request_id = view(known.request_id);
    wanted.client_address = view(known.client_address);
    wanted.timeout_ns = known.timeout_ns;
    wanted.wake_token = known.wake_token;
    wanted.attempts_max = known.attempts_max;
    auto made = gateway->gateway->new_exchange(std::move(wanted), time_of(now));
    if (!made.ok()) return made.status();
    *exchange = new tg_exchange{std::move(made.value())};
    return Status();
  });
}

tg_status tg_exchange_client_head(tg_exchange* exchange, tg_bytes method, tg_bytes target,
                                  const tg_bytes* headers, uint32_t pair_count, tg_time now,
                                  tg_error** error) {
  return on_exchange(exchange, error, [&](Exchange& inner) -> Status {
    for (const tg_bytes& given : {method, target}) {
      if (Status status = tollgate::capi::check_bytes(given, "method or target"); !status.ok()) {
        return status;
      }
    }
    if (Status status = tollgate::capi::check_headers(headers, pair_count); !status.ok())
      return status;
    return inner.client_head(view(method), view(target), headers, pair_count, time_of(now));
  });
}

tg_status tg_exchange_body_buffer(tg_exchange* exchange, size_t hint, uint8_t** data,
                                  size_t* capacity, tg_error** error) {
  return on_exchange(exchange, error, [&](Exchange& inner) -> Status {
    if (data == nullptr || capacity == nullptr) return invalid("an argument is NULL");
    return inner.body_room(hint, data, capacity);
  });
}

tg_status tg_exchange_client_body(tg_exchange* exchange, tg_bytes body, tg_time now,
                                  tg_error** error) {
  return on_exchange(exchange, error, [&](Exchange& inner) -> Status {
    if (Status status = tollgate::capi::check_bytes(body, "body"); !status.ok()) return status;
    return inner.client_body(view(body), time_of(now));
  });
}

tg_status tg_exchange_client_end(tg_exchange* exchange, tg_time now, tg_error** error) {
  return on_exchange(exchange, error,
                     [&](Exchange& inner) { return inner.client_end(time_of(now)); });
}

tg_status tg_exchange_client_gone(tg_exchange* exchange, tg_time now, tg_error** error) {
  return on_exchange(exchange, error,
                     [&](Exchange& inner) { return inner.client_gone(time_of(now)); });
}

tg_status tg_exchange_client_blocked(tg_exchange* exchange, tg_time now, tg_error** error) {
  return on_exchange(exchange, error,
                     [&](Exchange& inner) { return inner.client_blocked(time_of(now)); });
}

tg_status tg_exchange_client_unblocked(tg_exchange* exchange, tg_time now, tg_error** error) {
  return on_exchange(exchange, error,
                     [&](Exchange& inner) { return inner.client_unblocked(time_of(now)); });
}

tg_status tg_exchange_upstream_sent(tg_exchange* exchange, uint32_t attempt, tg_time now,
                                    tg_error** error) {
  return on_exchange(exchange, error,
                     [&](Exchange& inner) { return inner.upstream_sent(attempt, time_of(now)); });
}

tg_status tg_exchange_upstream_head(tg_exchange* exchange, uint32_t attempt, uint32_t status,
                                    const tg_bytes* headers, uint32_t pair_count, tg_time now,
                                    tg_error** error) {
  return on_exchange(exchange, error, [&](Exchange& inner) -> Status {
    if (Status checked = tollgate::capi::check_headers(headers, pair_count); !checked.ok())
      return checked;
    if (status < 200 || status > 599) return invalid("status must be from 200 to 599", "status");
    const uint32_t pairs =
        std::min(pair_count, static_cast<uint32_t>(tollgate::limits::kHeaderPairsMax));
    return inner.upstream_head(attempt, status, headers, pairs, time_of(now));
  });
}

tg_status tg_exchange_upstream_body(tg_exchange* exchange, uint32_t attempt, tg_bytes body,
                                    tg_time now, tg_error** error) {
  return on_exchange(exchange, error, [&](Exchange& inner) -> Status {
    if (Status status = tollgate::capi::check_bytes(body, "body"); !status.ok()) return status;
    return inner.upstream_body(attempt, view(body), time_of(now));
  });
}

tg_status tg_exchange_upstream_end(tg_exchange* exchange, uint32_t attempt, tg_time now,
                                   tg_error** error) {
  return on_exchange(exchange, error,
                     [&](Exchange& inner) { return inner.upstream_end(attempt, time_of(now)); });
}

tg_status tg_exchange_upstream_failed(tg_exchange* exchange, uint32_t attempt, int32_t failure,
                                      tg_bytes detail, tg_time now, tg_error** error) {
  return on_exchange(exchange, error, [&](Exchange& inner) -> Status {
    if (Status status = tollgate::capi::check_bytes(detail, "detail"); !status.ok()) return status;
    return inner.upstream_failed(attempt, failure, view(detail), time_of(now));
  });
}

tg_status tg_exchange_tick(tg_exchange* exchange, tg_time now, tg_error** error) {
  return on_exchange(exchange, error, [&](Exchange& inner) { return inner.tick(time_of(now)); });
}

tg_status tg_exchange_next_action(tg_exchange* exchange, tg_action* action, tg_error** error) {
  uint32_t count = 0;
  return tg_exchange_next_actions(exchange, action, 1, &count, error);
}

tg_status tg_exchange_next_actions(tg_exchange* exchange, tg_action* actions, uint32_t capacity,
                                   uint32_t* count, tg_error** error) {
  if (count != nullptr) *count = 0;
  return on_exchange(exchange, error, [&](Exchange& inner) -> Status {
    if (actions == nullptr || count == nullptr || capacity == 0) {
      return invalid("actions or count is NULL, or capacity is 0");
    }
    bool body_given = false;
    while (*count < capacity) {
      // Bytes of a second body would overwrite the first one's.
      const bool is_body = inner.next_kind() == TG_ACTION_CLIENT_BODY;
      if (is_body && body_given) break;
      tg_action* out = actions + *count;
      if (out->struct_size < kActionSizeMin) {
        return Status(Code::kAbi, "tg_action.struct_size is too small; use TG_ACTION_INIT");
      }
      // Written in place: a struct of this size has room for all there is.
      static_assert(kActionSizeMin == sizeof(tg_action));
      inner.next_action(*out);
      ++*count;
      body_given = body_given || is_body;
      if (out->kind == TG_ACTION_WAIT || out->kind == TG_ACTION_DONE) break;
    }
    return Status();
  });
}

void tg_exchange_free(tg_exchange* exchange) {
  delete exchange;
}
