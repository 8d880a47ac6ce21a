#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/money.hpp"
#include "config/configuration.hpp"
#include "exchange/charges.hpp"
#include "exchange/client_request.hpp"
#include "exchange/decision.hpp"
#include "model/request.hpp"
#include "pricing/price_book.hpp"
#include "providers/provider.hpp"

namespace tollgate::exchange {

/// The account and model of a candidate as its provider wants them. Both outlive the endpoint.
providers::Endpoint endpoint_of(const config::Configuration& configuration,
                                const Candidate& candidate);

/// True when a beta that the client asks for may widen the model's window.
bool asks_for_long_context(const ClientRequest& request);

/// The most that an attempt at this candidate may use. `decoded` bounds the prompt where its bytes
/// do not (bytes_bound_prompt()); null when it could not be read.
pricing::Demand demand_of_attempt(const config::Configuration& configuration,
                                  const Candidate& candidate, const model::RequestFacts& facts,
                                  std::string_view body, bool long_context,
                                  const model::Request* decoded);

/// How far the output may be lowered: as far as every budget that the request is in allows. Nothing
/// when one of them wants it refused instead.
std::optional<int64_t> lowest_output(const ChargeList& list, const model::RequestFacts& facts,
                                     const pricing::Demand& demand);

/// What it may cost at most.
NanoUsd bound_of_attempt(const config::Configuration& configuration, const Candidate& candidate,
                         const model::RequestFacts& facts, const pricing::Demand& demand,
                         const pricing::FoundPrice& price, int64_t wall_ms);

}  // namespace tollgate::exchange
