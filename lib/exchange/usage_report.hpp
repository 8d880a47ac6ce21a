#pragma once

#include <string>

#include "config/configuration.hpp"
#include "exchange/client_request.hpp"
#include "exchange/environment.hpp"

namespace tollgate::exchange {

/// The budgets and rate limits the caller is in and where their counters stand, as JSON: the answer
/// of GET /v1/usage/me. Rules about models are told for every model that the caller may use.
std::string usage_report(const config::Configuration& configuration, Environment& environment,
                         const ClientRequest& request, Time now);

}  // namespace tollgate::exchange
