#include "exchange/failures.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "tollgate/action.h"

namespace tollgate::exchange {
namespace {

struct Transport {
  int32_t failure;
  std::string_view told;    ///< To the client, behind the target's name.
  std::string_view reason;  ///< In the record.
  bool may_be_billed;
  bool retry_helps;
};

// clang-format off
constexpr std::array<Transport, 9> kTransports = {{
    {TG_FAILURE_RESOLVE, "cannot be reached: its host name does not resolve", "name not resolved", false, true},
    {TG_FAILURE_CONNECT, "cannot be reached: the connection was refused or had no route", "not reachable", false, true},
    {TG_FAILURE_TLS, "cannot be reached safely: its TLS certificate or handshake was not acceptable", "TLS failed", false, false},
    {TG_FAILURE_PROXY, "cannot be reached: the proxy on the way refused", "proxy failed", false, true},
    {TG_FAILURE_RESET, "broke the connection", "connection broke", true, true},
    {TG_FAILURE_PROTOCOL, "did not answer in valid HTTP", "invalid HTTP", true, true},
    {TG_FAILURE_DENIED, "cannot be called: its address is private, and the account's settings forbid that", "private address denied", false, false},
    {TG_FAILURE_HOST, "could not be called: the gateway's host is out of resources", "host out of resources", false, true},
    {TG_FAILURE_OTHER, "could not be called", "failed", true, true},
}};

// 401 and 403 are here because another account may hold a better key; they are passed on or
// explained only when nobody else can serve.
constexpr std::array<uint32_t, 10> kFallBackStatuses = {401, 403, 404, 408, 429,
                                                        500, 502, 503, 504, 529};
// clang-format on

const Transport& transport_of(int32_t failure) {
  for (const Transport& row : kTransports) {
    if (row.failure == failure) return row;
  }
  return kTransports.back();
}

}  // namespace

model::Failure invalid_request(std::string message) {
  model::Failure failure;
  failure.kind = model::FailureKind::kInvalidRequest;
  failure.status = 400;
  failure.message = std::move(message);
  return failure;
}

model::Failure too_large() {
  model::Failure failure;
  failure.kind = model::FailureKind::kTooLarge;
  failure.status = 413;
  failure.message =
      "The request is larger than 32 MB, the most this gateway takes. Send less: fewer or smaller "
      "images and files, or a shorter conversation.";
  return failure;
}

model::Failure upstream_fault(std::string_view target, std::string_view what) {
  model::Failure failure;
  failure.kind = model::FailureKind::kApi;
  failure.status = 502;
  failure.message = "The provider behind " + std::string(target) + " " + std::string(what) +
                    ". Trying again may help; if it goes on, tell your gateway administrator.";
  return failure;
}

model::Failure transport_failure(int32_t kind, std::string_view target, bool answer_begun) {
  const Transport& row = transport_of(kind);
  const bool cut = answer_begun && kind == TG_FAILURE_RESET;
  model::Failure failure = upstream_fault(
      target, cut ? std::string_view("broke off in the middle of its answer") : row.told);
  if (!row.retry_helps) {
    failure.should_retry = false;
    failure.message = "The provider behind " + std::string(target) + " " + std::string(row.told) +
                      ". Tell your gateway administrator.";
  }
  return failure;
}

std::string transport_reason(int32_t kind, std::string_view detail) {
  std::string reason(transport_of(kind).reason);
  if (!detail.empty()) {
    reason += ": ";
    reason += detail.substr(0, 200);
  }
  return reason;
}

bool may_have_been_billed(int32_t failure) {
  return transport_of(failure).may_be_billed;
}

model::Failure credential_refused(std::string_view target, uint32_t status) {
  model::Failure failure;
  failure.kind = model::FailureKind::kApi;
  failure.status = 502;
  failure.should_retry = false;
  failure.message = "The provider behind " + std::string(target) +
                    " refused the gateway's own credential (status " + std::to_string(status) +
                    "). Your login is fine; tell your gateway administrator to check this account.";
  return failure;
}

model::Failure timed_out(std::string_view target, std::string_view what) {
  model::Failure failure;
  failure.kind = model::FailureKind::kTimeout;
  failure.status = 504;
  failure.message = "The provider behind " + std::string(target) + " " + std::string(what) +
                    ". Trying again may help.";
  return failure;
}

bool can_fall_back(uint32_t status) {
  return std::find(kFallBackStatuses.begin(), kFallBackStatuses.end(), status) !=
         kFallBackStatuses.end();
}

}  // namespace tollgate::exchange
