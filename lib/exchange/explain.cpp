#include "exchange/explain.hpp"

#include <optional>
#include <utility>

#include "base/bytes.hpp"
#include "dialects/anthropic_messages/answer_splice.hpp"
#include "dialects/anthropic_messages/request_peek.hpp"
#include "exchange/client_request.hpp"
#include "exchange/decision.hpp"
#include "exchange/failures.hpp"
#include "json/writer.hpp"

namespace tollgate::exchange {
namespace {

/// Everything short of sending; the first refusal ends it, as it would end the exchange.
std::optional<model::Failure> consider(const config::Configuration& configuration,
                                       Environment& environment, ClientRequest& request,
                                       std::string_view body, Time now, Decision& decision) {
  if (auto failure = read_head("POST", "/v1/messages", request)) return failure;
  if (auto failure = identify(configuration, now, request)) return failure;
  if (request.principal == nullptr) {
    return invalid_request(
        "explain cannot check tokens of an identity provider, which it would have to ask for its "
        "keys. Use a gateway token of the same user.");
  }
  if (auto failure = read_wishes(configuration, environment.documents, request)) return failure;
  std::string padded(body);
  padded.append(json::kPadding, '\0');
  const DocumentPool::Loan document = environment.documents.borrow();
  const auto peeked = dialects::anthropic_messages::peek_request(
      *document, std::string_view(padded).substr(0, body.size()), dialects::Operation::kGenerate);
  if (!peeked.ok()) return invalid_request(peeked.status().message());
  decision = decide(configuration, *request.principal, peeked.value().facts);
  return decision.denial;
}

void write_decision(json::Writer& writer, const Decision& decision) {
  writer.key("candidates").begin_array();
  bool chosen = false;
  std::string first;
  for (const Candidate& candidate : decision.candidates) {
    const std::string_view verdict = !candidate.usable ? "skipped" : chosen ? "fallback" : "chosen";
    if (candidate.usable && !chosen) first = candidate.target.name;
    chosen = chosen || candidate.usable;
    writer.begin_object()
        .member("target", candidate.target.name)
        .member("verdict", verdict)
        .member("reason", candidate.reason)
        .end_object();
  }
  writer.end_array().key("distribution").begin_object();
  if (!first.empty() && !decision.denial) writer.member(first, int64_t{1});
  writer.end_object().key("reservations").begin_array().end_array();
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
  ClientRequest request;
  Decision decision;
  std::optional<model::Failure> denial;
  for (uint32_t i = 0; i < pair_count && !denial; ++i) {
    const Status added = request.headers.add(view_of(headers[2 * i]), view_of(headers[2 * i + 1]));
    if (!added.ok()) denial = invalid_request(added.message());
  }
  if (!denial) denial = consider(configuration, environment, request, body, now, decision);

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
  writer.member("principal", request.principal != nullptr ? request.principal->subject()
                                                          : std::string("anonymous"));
  write_decision(writer, decision);
  writer.member("policy_version", configuration.version).end_object();
  return out;
}

}  // namespace tollgate::exchange
