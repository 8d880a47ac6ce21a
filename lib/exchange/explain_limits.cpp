#include "exchange/explain_limits.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "config/prices.hpp"
#include "exchange/attempt_cost.hpp"
#include "exchange/cost_bound.hpp"
#include "exchange/failures.hpp"
#include "exchange/limit_messages.hpp"
#include "exchange/overrides.hpp"

namespace tollgate::exchange {
namespace {

int64_t left_in(const ledger::Charge& charge, const ledger::Balance& balance) {
  const int64_t spent = balance.spent();
  return spent >= charge.limit ? 0 : charge.limit - spent;
}

/// A need of tokens above the whole limit has a window to itself.
int64_t need_in(const ledger::Charge& charge) {
  return charge.measure == Measure::kTokens ? std::min(charge.need, charge.limit) : charge.need;
}

bool fits(const ledger::Charge& charge, const ledger::Balance& balance) {
  return need_in(charge) <= left_in(charge, balance) - balance.reserved;
}

/// An attempt at a candidate, by what bounds its cost.
struct Bounded {
  std::optional<model::RequestFacts> changed;  ///< By what the route changes in the body.
  pricing::Demand demand;
  pricing::FoundPrice price;
};

/// Nothing when the model may not be served without a price.
std::optional<Bounded> bounded(const config::Configuration& configuration, DocumentPool& documents,
                               const ClientRequest& request, const model::RequestFacts& asked,
                               std::string_view body, const model::Request* decoded, Time now,
                               const Candidate& candidate) {
  auto price = config::find_price(configuration, candidate.target.integration,
                                  candidate.target.model_id, now.wall_ms);
  if (!price) return std::nullopt;
  auto changed = facts_with(candidate.edits, *request.dialect, body, documents);
  const model::RequestFacts& facts = changed ? *changed : asked;
  const pricing::Demand demand = demand_of_attempt(configuration, candidate, facts, body,
                                                   asks_for_long_context(request), decoded);
  return Bounded{std::move(changed), demand, std::move(*price)};
}

/// What the attempt would need with this demand.
Needs needs_of(const config::Configuration& configuration, const Candidate& candidate,
               const model::RequestFacts& facts, const pricing::Demand& demand,
               const pricing::FoundPrice& price, Time now) {
  Needs needs{bound_of_attempt(configuration, candidate, facts, demand, price, now.wall_ms).value,
              demand.prompt_tokens + demand.output_tokens};
  if (may_estimate(facts)) {
    const pricing::Demand expected = expected_demand(demand, facts);
    needs.expected_nano_usd = pricing::upper_bound(expected, price.price).value;
    needs.expected_tokens = expected.prompt_tokens + expected.output_tokens;
  }
  return needs;
}

/// Writes down for each counter what the request needs of it, in `look.charges`; gives the same of
/// the request with the least output that its budgets may leave it.
ChargeList charges_of(const config::Configuration& configuration, const Candidate& candidate,
                      const model::RequestFacts& facts, const Bounded& bound, Time now,
                      LimitsLook& look) {
  const auto list = [&](const pricing::Demand& demand, ChargeList& charges) {
    const Needs needs = needs_of(configuration, candidate, facts, demand, bound.price, now);
    charges.clear();
    charges.add(look.of_principal, Take::kAll, needs, now);
    charges.add(look.of_target, Take::kAll, needs, now);
    return needs.nano_usd;
  };
  look.bound_nano_usd = list(bound.demand, look.charges);
  pricing::Demand demand = bound.demand;
  const std::optional<int64_t> floor = lowest_output(look.charges, facts, demand);
  if (!floor || *floor >= demand.output_tokens) return look.charges;
  demand.output_tokens = *floor;
  ChargeList least;
  static_cast<void>(list(demand, least));
  return least;
}

/// The first counter that would refuse the request whatever else runs: settled spend alone stands
/// in its way, also with the least output. Only what budgets want lowers the output.
std::optional<size_t> first_used_up(const LimitsLook& look, const ChargeList& least) {
  std::optional<size_t> soft;
  size_t money = 0;
  size_t over = 0;
  for (size_t i = 0; i < look.balances.size(); ++i) {
    const ledger::Charge& charge = look.charges.charges[i];
    if (charge.force == ledger::Force::kCount) continue;
    const bool is_money = charge.measure == Measure::kMoney;
    const int64_t need = is_money ? least.charges[i].need : need_in(charge);
    const bool used_up = need > left_in(charge, look.balances[i]);
    money += is_money ? 1 : 0;
    over += is_money && used_up ? 1 : 0;
    if (!used_up) continue;
    if (charge.force == ledger::Force::kEnforce || !is_money) return i;
    if (!soft) soft = i;
  }
  return money == over ? soft : std::nullopt;
}

ledger::Admission refusal_of(const ledger::Charge& charge, const ledger::Balance& balance,
                             ledger::Ledger& ledger, Time now) {
  ledger::Admission admission;
  admission.spent = balance.spent();
  admission.left = NanoUsd{left_in(charge, balance)};
  admission.retry_at_ns = ledger.retry_at(charge, now);
  return admission;
}

}  // namespace

std::optional<model::Failure> look_at_limits(const config::Configuration& configuration,
                                             Environment& environment, const ClientRequest& request,
                                             const model::RequestFacts& facts,
                                             std::string_view body, Time now, Decision& decision,
                                             LimitsLook& look) {
  std::optional<model::Failure> refusal;
  std::optional<model::Request> decoded;
  if (!bytes_bound_prompt(facts)) {
    auto read = request.dialect->decode_request(body);
    if (read.ok()) decoded = std::move(read.value());
  }
  const policy::Caller caller{request.principal, &request.metadata, request.session_id,
                              request.agent_id, request.parent_agent_id};
  configuration.rules.match(policy::Phase::kPrincipal, caller, {}, look.of_principal);
  for (Candidate& candidate : decision.candidates) {
    if (!candidate.usable) continue;
    const std::optional<Bounded> bound =
        bounded(configuration, environment.documents, request, facts, body,
                decoded ? &*decoded : nullptr, now, candidate);
    if (!bound) {
      candidate.usable = false;
      candidate.reason = "no price is known";
      if (!refusal) refusal = invalid_request("No price is known for " + candidate.target.name);
      continue;
    }
    const policy::TargetNames names{
        facts.model, decision.virtual_model, candidate.target.name,
        configuration.catalog.integrations()[candidate.target.integration].account_name};
    configuration.rules.match(policy::Phase::kTarget, caller, names, look.of_target);
    const ChargeList least = charges_of(
        configuration, candidate, bound->changed ? *bound->changed : facts, *bound, now, look);
    look.balances.clear();
    for (const ledger::Charge& charge : look.charges.charges)
      look.balances.push_back(environment.ledger->balance(charge, now));
    const std::optional<size_t> gone = first_used_up(look, least);
    if (!gone) return std::nullopt;
    // Admission, too, names what the least output would have needed.
    const ledger::Charge& charge = least.charges[*gone];
    const ledger::Admission admission =
        refusal_of(charge, look.balances[*gone], *environment.ledger, now);
    const Blocked blocked{charge, *look.charges.origins[*gone], admission, false};
    candidate.usable = false;
    candidate.reason = limit_reason(blocked);
    if (!refusal) refusal = limit_failure(blocked, configuration.budget_status, now);
  }
  return refusal;
}

void write_bound(json::Writer& writer, const LimitsLook& look) {
  writer.key("cost_bound");
  if (look.bound_nano_usd) {
    writer.raw(exact_usd(*look.bound_nano_usd));
  } else {
    writer.null();
  }
}

void write_reservations(json::Writer& writer, const LimitsLook& look) {
  writer.begin_array();
  for (size_t i = 0; i < look.balances.size(); ++i) {
    const ledger::Charge& charge = look.charges.charges[i];
    const ledger::Balance& balance = look.balances[i];
    const policy::Match& match = *look.charges.origins[i];
    const auto amount = [&](std::string_view name, int64_t value) {
      if (charge.measure == Measure::kMoney) {
        writer.raw_member(name, exact_usd(value));
      } else {
        writer.member(name, value);
      }
    };
    writer.begin_object()
        .member("rule", match.rule->id)
        .member("kind", match.rule->kind == policy::RuleKind::kBudget ? "budget" : "rate_limit")
        .member("entity", match.entity)
        .member("limit_name", policy::limit_name({charge.measure, charge.period, charge.limit}))
        .member("mode", mode_name(match.mode));
    amount("need", need_in(charge));
    amount("spent", balance.spent());
    amount("reserved", balance.reserved);
    amount("limit", charge.limit);
    writer.member("fits", fits(charge, balance)).end_object();
  }
  writer.end_array();
}

}  // namespace tollgate::exchange
