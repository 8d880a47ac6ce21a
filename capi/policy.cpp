#include "tollgate/policy.h"

#include <memory>
#include <utility>

#include "base/limits.hpp"
#include "capi/objects.hpp"
#include "exchange/explain.hpp"
#include "gateway/policy_runner.hpp"

struct tg_policy {
  std::shared_ptr<const tollgate::config::Configuration> configuration;
  std::shared_ptr<tollgate::exchange::Environment> environment;
};

using tollgate::invalid;
using tollgate::Status;
using tollgate::capi::guard;

tg_status tg_policy_create(const tg_gateway* gateway, tg_policy** policy, tg_error** error) {
  if (policy != nullptr) *policy = nullptr;
  return guard(error, [&]() -> Status {
    if (gateway == nullptr || policy == nullptr) return invalid("an argument is NULL");
    *policy = new tg_policy{gateway->gateway->configuration(), gateway->gateway->environment()};
    return Status();
  });
}

tg_status tg_policy_explain(const tg_policy* policy, const tg_bytes* headers, uint32_t pair_count,
                            tg_bytes request, tg_time now, tg_text** decision, tg_error** error) {
  if (decision != nullptr) *decision = nullptr;
  return guard(error, [&]() -> Status {
    if (policy == nullptr || decision == nullptr) return invalid("an argument is NULL");
    if (pair_count > tollgate::limits::kHeaderPairsMax) return invalid("pair_count is above 200");
    if (Status status = tollgate::capi::check_headers(headers, pair_count); !status.ok()) {
      return status;
    }
    if (Status status = tollgate::capi::check_bytes(request, "request"); !status.ok()) {
      return status;
    }
    tollgate::capi::export_text(
        tollgate::exchange::explain(*policy->configuration, *policy->environment, headers,
                                    pair_count, tollgate::capi::view(request),
                                    tollgate::capi::time_of(now)),
        decision);
    return Status();
  });
}

tg_status tg_policy_explain_draws(const tg_policy* policy, const tg_bytes* headers,
                                  uint32_t pair_count, tg_bytes request, tg_time now, uint64_t seed,
                                  uint32_t draws, tg_text** decision, tg_error** error) {
  constexpr uint32_t kDrawsMax = 1'000'000;
  if (decision != nullptr) *decision = nullptr;
  return guard(error, [&]() -> Status {
    if (policy == nullptr || decision == nullptr) return invalid("an argument is NULL");
    if (pair_count > tollgate::limits::kHeaderPairsMax) return invalid("pair_count is above 200");
    if (draws < 1 || draws > kDrawsMax) return invalid("draws is not from 1 to 1000000");
    if (Status status = tollgate::capi::check_headers(headers, pair_count); !status.ok()) {
      return status;
    }
    if (Status status = tollgate::capi::check_bytes(request, "request"); !status.ok()) {
      return status;
    }
    tollgate::capi::export_text(
        tollgate::exchange::explain(*policy->configuration, *policy->environment, headers,
                                    pair_count, tollgate::capi::view(request),
                                    tollgate::capi::time_of(now), {seed, draws}),
        decision);
    return Status();
  });
}

tg_status tg_policy_test(tg_bytes cases, tg_bytes config, const tg_gateway_options* options,
                         tg_time now, tg_text** report, tg_error** error) {
  if (report != nullptr) *report = nullptr;
  return guard(error, [&]() -> Status {
    if (report == nullptr) return invalid("report is NULL");
    for (const auto& [bytes, name] : {std::pair{cases, "cases"}, std::pair{config, "config"}}) {
      if (Status status = tollgate::capi::check_bytes(bytes, name); !status.ok()) return status;
    }
    tollgate::gateway::GatewayOptions known;
    if (Status status = tollgate::capi::read_gateway_options(options, known); !status.ok()) {
      return status;
    }
    // The tests have a host of their own, whatever this one performs.
    known.host_capabilities = 0;
    known.waker = {};
    auto tested = tollgate::gateway::run_policy_tests(tollgate::capi::view(cases),
                                                      tollgate::capi::view(config), known,
                                                      tollgate::capi::time_of(now));
    if (!tested.ok()) return tested.status();
    tollgate::capi::export_text(std::move(tested.value()), report);
    return Status();
  });
}

void tg_policy_free(tg_policy* policy) {
  delete policy;
}
