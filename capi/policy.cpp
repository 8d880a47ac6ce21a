#include "tollgate/policy.h"

#include <memory>

#include "base/limits.hpp"
#include "capi/objects.hpp"
#include "exchange/explain.hpp"

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

void tg_policy_free(tg_policy* policy) {
  delete policy;
}
