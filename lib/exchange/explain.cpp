#include "exchange/explain.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "base/rng.hpp"
#include "dialects/anthropic_messages/answer_splice.hpp"
#include "exchange/client_request.hpp"
#include "exchange/decision.hpp"
#include "exchange/explain_body.hpp"
#include "exchange/explain_limits.hpp"
#include "exchange/failures.hpp"
#include "exchange/routing.hpp"
#include "json/writer.hpp"

namespace tollgate::exchange {
namespace {

/// What was asked, and what was decided about it.
struct Considered {
  std::string_view path;  ///< Empty: by the body's shape.
  ClientRequest request;
  model::RequestFacts facts;
  std::optional<model::Request> decoded;  ///< Where the facts come from decoding.
  RoutingContext context;
  Decision decision;
  std::vector<std::string> targets;  ///< In the order in which they were first drawn.
  std::vector<int64_t> counts;       ///< Beside it.
  LimitsLook limits;
};

/// Everything short of deciding; the first refusal ends it, as it would end the exchange.
std::optional<model::Failure> read_request(const config::Configuration& configuration,
                                           Environment& environment, std::string_view body,
                                           Time now, const model::Principal* principal,
                                           Considered& considered) {
  ClientRequest& request = considered.request;
  const bool fits = body.size() <= limits::kBodyBytesMax;
  const std::string_view path = !considered.path.empty() ? considered.path
                                : fits                   ? path_of_body(body, environment.documents)
                                                         : std::string_view("/v1/messages");
  if (auto failure = read_head("POST", path, request)) return failure;
  if (request.operation != Operation::kMessages) {
    return invalid_request("explain decides about requests for an answer: " + std::string(path) +
                           " is none.");
  }
  request.principal = principal;
  if (principal == nullptr) {
    if (auto failure = identify(configuration, now, request)) return failure;
  }
  if (request.principal == nullptr) {
    return invalid_request(
        "explain cannot check tokens of an identity provider, which it would have to ask for its "
        "keys. Use a gateway token of the same user.");
  }
  if (!fits) return too_large();
  if (auto failure = read_wishes(configuration, environment.documents, request)) return failure;
  Result<model::RequestFacts> facts =
      read_facts(request, body, environment.documents, considered.decoded);
  if (!facts.ok()) return invalid_request(facts.status().message());
  considered.facts = std::move(facts.value());
  if (request.session_id.empty()) {
    request.session_id = session_of_user(environment.documents, considered.facts.user_id);
  }
  considered.context = routing_context_of(request, environment.router, now);
  considered.context.tell_all = true;
  return std::nullopt;
}

void count_first(const Decision& decision, Considered& considered) {
  const auto first = std::find_if(decision.candidates.begin(), decision.candidates.end(),
                                  [](const Candidate& candidate) { return candidate.usable; });
  if (decision.denial || first == decision.candidates.end()) return;
  for (size_t i = 0; i < considered.targets.size(); ++i) {
    if (considered.targets[i] != first->target.name) continue;
    ++considered.counts[i];
    return;
  }
  considered.targets.push_back(first->target.name);
  considered.counts.push_back(1);
}

void draw(const config::Configuration& configuration, Draws draws, Considered& considered) {
  RoutingContext& context = considered.context;
  for (uint32_t i = 0; i < draws.count; ++i) {
    context.seed = i == 0 ? draws.seed : mix64(draws.seed + i);
    context.draw = mix64(~context.seed);
    Decision decision =
        decide(configuration, *considered.request.principal, considered.facts, context);
    count_first(decision, considered);
    if (i == 0) considered.decision = std::move(decision);
    context.tell_all = false;
  }
}

void write_decision(json::Writer& writer, const Considered& considered) {
  const Decision& decision = considered.decision;
  writer.key("candidates").begin_array();
  bool chosen = false;
  for (const Candidate& candidate : decision.candidates) {
    const std::string_view verdict = !candidate.usable ? "skipped" : chosen ? "fallback" : "chosen";
    chosen = chosen || candidate.usable;
    writer.begin_object()
        .member("target", candidate.target.name)
        .member("verdict", verdict)
        .member("reason", candidate.reason)
        .end_object();
  }
  writer.end_array().key("distribution").begin_object();
  for (size_t i = 0; i < considered.targets.size(); ++i)
    writer.member(considered.targets[i], considered.counts[i]);
  writer.end_object().key("reservations");
  write_reservations(writer, considered.limits);
  write_bound(writer, considered.limits);
  writer.key("notes").begin_array();
  for (const record::Step& step : decision.steps) {
    writer.string(step.rule + ": " + step.verdict +
                  (step.reason.empty() ? std::string() : " (" + step.reason + ")"));
  }
  writer.end_array();
}

}  // namespace

std::string explain(const config::Configuration& configuration, Environment& environment,
                    const tg_bytes* headers, uint32_t pair_count, std::string_view body, Time now) {
  // Requests of no conversation draw anew with every call, as they do in service.
  const uint64_t number = environment.next_number.fetch_add(1);
  return explain(configuration, environment, headers, pair_count, body, now,
                 {environment.seed_low ^ number, 1});
}

std::string explain(const config::Configuration& configuration, Environment& environment,
                    const tg_bytes* headers, uint32_t pair_count, std::string_view body, Time now,
                    Draws draws) {
  Considered considered;
  std::optional<model::Failure> denial;
  for (uint32_t i = 0; i < pair_count && !denial; ++i) {
    const std::string_view name = view_of(headers[2 * i]);
    if (name == ":path") {
      considered.path = view_of(headers[2 * i + 1]);
      continue;
    }
    const Status added = considered.request.headers.add(name, view_of(headers[2 * i + 1]));
    if (!added.ok()) denial = invalid_request(added.message());
  }
  if (!denial) {
    denial = read_request(configuration, environment, body, now, draws.principal, considered);
  }
  if (!denial) {
    draw(configuration, draws, considered);
    denial = considered.decision.denial;
  }
  if (!denial) {
    denial = look_at_limits(configuration, environment, considered.request, considered.facts, body,
                            now, considered.decision, considered.limits);
  }
  const model::Principal* principal = considered.request.principal;

  std::string out;
  json::Writer writer(out);
  writer.begin_object().member("allowed", !denial.has_value()).key("denial");
  if (denial) {
    writer.begin_object()
        .member("status", static_cast<int64_t>(denial->status))
        .member("type", dialects::anthropic_messages::error_type(*denial))
        .member("message", denial->message)
        .end_object();
  } else {
    writer.null();
  }
  writer.member("principal",
                principal != nullptr ? principal->subject() : std::string("anonymous"));
  write_decision(writer, considered);
  writer.member("policy_version", configuration.version).end_object();
  return out;
}

}  // namespace tollgate::exchange
