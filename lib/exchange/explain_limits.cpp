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

/// Whether settled spend alone stands in the way, also of a request with less output.
bool is_used_up(const ledger::Charge& charge, const policy::Rule& rule,
                const ledger::Balance& balance) {
  const int64_t left = left_in(charge, balance);
  const bool may_shrink =
      charge.measure == Measure::kMoney && rule.on_insufficient == policy::OnInsufficient::kCap;
  return may_shrink ? left == 0 && charge.need > 0 : need_in(charge) > left;
}

/// What an attempt would need; nothing when the model may not be served without a price.
std::optional<Needs> needs_of(const config::Configuration& configuration, DocumentPool& documents,
                              const dialects::Dialect& client, const ClientRequest& request,
                              const model::RequestFacts& asked, std::string_view body,
                              const model::Request* decoded, Time now, const Candidate& candidate) {
  const auto price = config::find_price(configuration, candidate.target.integration,
                                        candidate.target.model_id, now.wall_ms);
  if (!price) return std::nullopt;
  const auto changed = facts_with(candidate.edits, client, body, documents);
  const model::RequestFacts& facts = changed ? *changed : asked;
  const pricing::Demand demand = demand_of_attempt(configuration, candidate, facts, body,
                                                   asks_for_long_context(request), decoded);
  Needs needs{bound_of_attempt(configuration, candidate, facts, demand, *price, now.wall_ms).value,
              demand.prompt_tokens + demand.output_tokens};
  if (may_estimate(facts)) {
    const pricing::Demand expected = expected_demand(demand, facts);
    needs.expected_nano_usd = pricing::upper_bound(expected, price->price).value;
    needs.expected_tokens = expected.prompt_tokens + expected.output_tokens;
  }
  return needs;
}

/// The first counter that would refuse the request whatever else runs.
std::optional<size_t> first_used_up(const LimitsLook& look) {
  std::optional<size_t> soft;
  size_t money = 0;
  size_t over = 0;
  for (size_t i = 0; i < look.balances.size(); ++i) {
    const ledger::Charge& charge = look.charges.charges[i];
    if (charge.force == ledger::Force::kCount) continue;
    const bool used_up = is_used_up(charge, *look.charges.origins[i]->rule, look.balances[i]);
    const bool is_money = charge.measure == Measure::kMoney;
    money += is_money ? 1 : 0;
    over += is_money && used_up ? 1 : 0;
    if (!used_up) continue;
    if (charge.force == ledger::Force::kEnforce || !is_money) return i;
    if (!soft) soft = i;
  }
  return money == over ? soft : std::nullopt;
}

ledger::Admission refusal_of(const ledger::Charge& charge, const ledger::Balance& balance,
                             Time now) {
  ledger::Admission admission;
  admission.spent = balance.spent();
  admission.left = NanoUsd{left_in(charge, balance)};
  if (charge.window.end_ms != INT64_MAX && charge.window.end_ms > now.wall_ms) {
    admission.retry_at_ns = deadline_after(
        now.mono_ns, static_cast<uint64_t>(charge.window.end_ms - now.wall_ms) * kMillisecond);
  }
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
    const std::optional<Needs> needs =
        needs_of(configuration, environment.documents, *request.dialect, request, facts, body,
                 decoded ? &*decoded : nullptr, now, candidate);
    if (!needs) {
      candidate.usable = false;
      candidate.reason = "no price is known";
      if (!refusal) refusal = invalid_request("No price is known for " + candidate.target.name);
      continue;
    }
    const policy::TargetNames names{
        facts.model, decision.virtual_model, candidate.target.name,
        configuration.catalog.integrations()[candidate.target.integration].account_name};
    configuration.rules.match(policy::Phase::kTarget, caller, names, look.of_target);
    look.bound_nano_usd = needs->nano_usd;
    look.charges.clear();
    look.charges.add(look.of_principal, Take::kAll, *needs, now);
    look.charges.add(look.of_target, Take::kAll, *needs, now);
    look.balances.clear();
    for (const ledger::Charge& charge : look.charges.charges)
      look.balances.push_back(environment.ledger->balance(charge, now));
    const std::optional<size_t> gone = first_used_up(look);
    if (!gone) return std::nullopt;
    const ledger::Charge& charge = look.charges.charges[*gone];
    const ledger::Admission admission = refusal_of(charge, look.balances[*gone], now);
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
