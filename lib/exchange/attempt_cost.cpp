#include "exchange/attempt_cost.hpp"

#include <algorithm>

#include "exchange/cost_bound.hpp"
#include "model/token_estimate.hpp"

namespace tollgate::exchange {

providers::Endpoint endpoint_of(const config::Configuration& configuration,
                                const Candidate& candidate) {
  const router::Integration& integration =
      configuration.catalog.integrations()[candidate.target.integration];
  return {configuration.accounts[integration.account], integration, candidate.target.model_id,
          &candidate.lessons};
}

bool asks_for_long_context(const ClientRequest& request) {
  const std::string_view betas = request.headers.get("anthropic-beta").value_or("");
  return betas.find("context-1m") != std::string_view::npos ||
         request.extra_betas.find("context-1m") != std::string::npos;
}

pricing::Demand demand_of_attempt(const config::Configuration& configuration,
                                  const Candidate& candidate, const model::RequestFacts& facts,
                                  std::string_view body, bool long_context,
                                  const model::Request* decoded) {
  const model::ModelFacts model = providers::facts_of(endpoint_of(configuration, candidate));
  BoundInput input{.facts = facts, .body = body, .model = model, .edits = candidate.edits};
  input.long_context = long_context;
  if (!bytes_bound_prompt(facts) && decoded != nullptr) {
    input.media_tokens = model::estimate_input_tokens(*decoded, candidate.target.model_id).bound;
  }
  return demand_of(input);
}

std::optional<int64_t> lowest_output(const ChargeList& list, const model::RequestFacts& facts,
                                     const pricing::Demand& demand) {
  int64_t least = 1;
  for (size_t i = 0; i < list.charges.size(); ++i) {
    if (list.charges[i].measure != Measure::kMoney) continue;
    if (list.charges[i].force == ledger::Force::kCount) continue;
    const policy::Rule& rule = *list.origins[i]->rule;
    if (rule.on_insufficient == policy::OnInsufficient::kReject) return std::nullopt;
    least = std::max(least, rule.min_output_tokens);
  }
  return std::min(output_floor(facts, least), demand.output_tokens);
}

NanoUsd bound_of_attempt(const config::Configuration& configuration, const Candidate& candidate,
                         const model::RequestFacts& facts, const pricing::Demand& demand,
                         const pricing::FoundPrice& price, int64_t wall_ms) {
  const NanoUsd bound = pricing::upper_bound(demand, price.price);
  if (!facts.has_advisor) return bound;
  // An advisor may be any model of the provider's.
  const providers::Endpoint endpoint = endpoint_of(configuration, candidate);
  const pricing::Price dearest = pricing::dearest_price(
      {endpoint.account.type, candidate.target.model_id, endpoint.account.region}, wall_ms);
  return std::max(bound, pricing::upper_bound(demand, dearest));
}

}  // namespace tollgate::exchange
