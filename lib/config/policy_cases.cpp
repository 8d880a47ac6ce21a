#include "config/policy_cases.hpp"

#include <charconv>
#include <limits>

#include "tollgate/action.h"

#include "config/reading.hpp"
#include "config/routing_reading.hpp"
#include "config/rule_reading.hpp"
#include "config/yaml_json.hpp"
#include "config/yaml_tree.hpp"

namespace tollgate::config {
namespace {

constexpr int64_t kRepeatMax = 1'000'000;
constexpr int64_t kSecondsMax = 86'400;
constexpr int64_t kEarlierMax = 10'000;  // Requests of one entry of `before`.
constexpr int64_t kScriptedTokensMax = 100'000'000;

struct NamedOutcome {
  std::string_view name;
  ScriptedOutcome::Kind kind;
  int32_t failure;
};

constexpr NamedOutcome kNamed[] = {
    {"ok", ScriptedOutcome::Kind::kOk, 0},
    {"refused", ScriptedOutcome::Kind::kTransport, TG_FAILURE_CONNECT},
    {"reset", ScriptedOutcome::Kind::kTransport, TG_FAILURE_RESET},
    {"unresolved", ScriptedOutcome::Kind::kTransport, TG_FAILURE_RESOLVE},
    {"tls", ScriptedOutcome::Kind::kTransport, TG_FAILURE_TLS},
    {"timeout", ScriptedOutcome::Kind::kTimeout, 0},
    {"empty", ScriptedOutcome::Kind::kEmpty, 0},
};

struct NamedError {
  std::string_view type;
  uint32_t status;
};

/// Error events count as the statuses their types have.
constexpr NamedError kErrors[] = {
    {"overloaded_error", 529}, {"rate_limit_error", 429}, {"api_error", 500},
    {"timeout_error", 504},    {"not_found_error", 404},  {"invalid_request_error", 400},
};

std::optional<ScriptedOutcome> read_named_outcome(Reading& reading, const Value& value) {
  const std::optional<std::string> name = read_string(reading, value);
  if (!name) return std::nullopt;
  std::vector<std::string_view> names;
  std::string listed;
  for (const NamedOutcome& known : kNamed) {
    if (known.name == *name) {
      ScriptedOutcome outcome;
      outcome.kind = known.kind;
      outcome.failure = known.failure;
      return outcome;
    }
    names.push_back(known.name);
    listed += std::string(known.name) + ", ";
  }
  reading.report.error(value.place(), "must be one of " + listed + "or {status: NUMBER}",
                       nearest(*name, names));
  return std::nullopt;
}

std::optional<int64_t> read_optional(StrictMapping& mapping, std::string_view key, int64_t most) {
  const std::optional<Value> value = mapping.take(key);
  return value ? read_integer(mapping.reading(), *value, 0, most) : std::nullopt;
}

/// How an upstream serves: as fast and as much as a latency or a limit is to be tested with.
ScriptedOutcome read_served(Reading& reading, const Value& value) {
  ScriptedOutcome outcome;
  StrictMapping mapping(reading, value);
  const auto milliseconds = [&](std::string_view key) {
    const std::optional<int64_t> read = read_optional(mapping, key, kSecondsMax * 1000);
    return read ? std::optional<uint64_t>(static_cast<uint64_t>(*read)) : std::nullopt;
  };
  outcome.first_token_ms = milliseconds("first_token_ms");
  outcome.token_ms = milliseconds("token_ms");
  outcome.input_tokens = read_optional(mapping, "input_tokens", kScriptedTokensMax);
  outcome.output_tokens = read_optional(mapping, "output_tokens", kScriptedTokensMax);
  mapping.done();
  return outcome;
}

std::optional<ScriptedOutcome> read_outcome(Reading& reading, const Value& value) {
  if (value.node->kind == NodeKind::kScalar) return read_named_outcome(reading, value);
  StrictMapping mapping(reading, value);
  if (!mapping.valid()) return std::nullopt;
  if (const std::optional<Value> served = mapping.take("ok")) {
    mapping.done();
    return read_served(reading, *served);
  }
  ScriptedOutcome outcome;
  outcome.kind = ScriptedOutcome::Kind::kStatus;
  const std::optional<Value> status = mapping.take("status");
  const std::optional<Value> event = mapping.take("error_event");
  if (status.has_value() == event.has_value()) {
    reading.report.error(value.place(), "must have one of status and error_event");
  } else if (status) {
    outcome.status = static_cast<uint32_t>(read_integer(reading, *status, 200, 599).value_or(500));
    if (outcome.status < 400) outcome.kind = ScriptedOutcome::Kind::kOk;
  } else {
    std::vector<std::string_view> types;
    for (const NamedError& known : kErrors)
      types.push_back(known.type);
    if (const std::optional<size_t> type = mapping.choice("error_event", types)) {
      outcome.status = kErrors[*type].status;
    }
  }
  if (const std::optional<Value> seconds = mapping.take("retry_after")) {
    outcome.retry_after_s = read_integer(reading, *seconds, 0, kSecondsMax);
  }
  outcome.message = mapping.string("message").value_or("");
  mapping.done();
  return outcome;
}

std::vector<ScriptedTarget> read_upstreams(Reading& reading, const Value& value) {
  std::vector<ScriptedTarget> targets;
  for (const Entry& entry : read_entries(reading, value)) {
    ScriptedTarget target;
    target.target = entry.key;
    std::vector<Value> items = {entry.value};
    if (entry.value.node->kind == NodeKind::kSequence) items = read_list(reading, entry.value);
    for (const Value& item : items) {
      if (std::optional<ScriptedOutcome> outcome = read_outcome(reading, item)) {
        target.outcomes.push_back(std::move(*outcome));
      }
    }
    if (items.empty()) reading.report.error(entry.value.place(), "must have an outcome");
    targets.push_back(std::move(target));
  }
  return targets;
}

double read_share(StrictMapping& mapping, std::string_view key, double otherwise) {
  const std::optional<Value> value = mapping.take(key);
  const std::optional<std::string> text =
      value ? read_decimal(mapping.reading(), *value) : std::nullopt;
  if (!text) return otherwise;
  double share = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), share);
  if (error != std::errc{} || end != text->data() + text->size() || share < 0 || share > 1) {
    mapping.reading().report.error(value->place(), "must be a share from 0 to 1");
  }
  return share;
}

std::vector<ExpectedShare> read_distribution(Reading& reading, const Value& value) {
  std::vector<ExpectedShare> shares;
  for (const Entry& entry : read_entries(reading, value)) {
    StrictMapping mapping(reading, entry.value);
    ExpectedShare share;
    share.target = entry.key;
    share.least = read_share(mapping, "least", 0);
    share.most = read_share(mapping, "most", 1);
    mapping.done();
    shares.push_back(std::move(share));
  }
  return shares;
}

std::vector<std::string> read_texts(Reading& reading, const Value& value) {
  if (value.node->kind == NodeKind::kSequence) return read_strings(reading, value);
  std::vector<std::string> texts;
  if (std::optional<std::string> text = read_string(reading, value)) {
    texts.push_back(std::move(*text));
  }
  return texts;
}

Expectation read_expectation(Reading& reading, const Value& value) {
  Expectation expect;
  StrictMapping mapping(reading, value);
  if (const std::optional<Value> allowed = mapping.take("allowed")) {
    expect.allowed = read_bool(reading, *allowed);
  }
  expect.target = mapping.string("target");
  if (const std::optional<Value> attempts = mapping.take("attempts")) {
    expect.attempts = read_integer(reading, *attempts, 0, 100);
  }
  if (const std::optional<Value> status = mapping.take("status")) {
    expect.status = read_integer(reading, *status, 100, 599);
  }
  if (const std::optional<Value> text = mapping.take("text")) {
    expect.text = read_texts(reading, *text);
  }
  expect.rule = mapping.string("rule");
  if (mapping.take("candidates")) expect.candidates = mapping.strings("candidates");
  if (const std::optional<Value> skipped = mapping.take("skipped")) {
    expect.skipped = read_pairs(reading, *skipped);
  }
  if (const std::optional<Value> shares = mapping.take("distribution")) {
    expect.distribution = read_distribution(reading, *shares);
  }
  mapping.done();
  return expect;
}

std::optional<int64_t> read_time(StrictMapping& mapping, std::string_view key) {
  const std::optional<Value> value = mapping.take(key);
  const std::optional<std::string> text =
      value ? read_string(mapping.reading(), *value) : std::nullopt;
  if (!text) return std::nullopt;
  int64_t wall_ms = 0;
  if (!parse_rfc3339(*text, wall_ms)) {
    mapping.reading().report.error(value->place(), "must be a time as \"2026-11-22T09:00:00Z\"");
    return std::nullopt;
  }
  return wall_ms;
}

/// `inherited` is what an entry of `before` takes from its case; null for the case itself.
void read_request(StrictMapping& mapping, const ScriptedRequest* inherited, ScriptedRequest& out) {
  Reading& reading = mapping.reading();
  if (inherited != nullptr) {
    out = *inherited;
    // A script that goes on from request to request would be hard to read.
    out.upstreams.clear();
  }
  if (const std::optional<Value> as = mapping.take("as")) {
    out.as = read_string(reading, *as).value_or("");
  }
  if (const std::optional<Value> headers = mapping.take("headers")) {
    out.headers = read_pairs(reading, *headers);
  }
  if (const std::optional<Value> metadata = mapping.take("metadata")) {
    out.metadata = read_pairs(reading, *metadata);
  }
  if (const std::optional<std::string> path = mapping.string("path")) out.path = *path;
  const std::optional<Value> request =
      inherited == nullptr ? mapping.require("request") : mapping.take("request");
  if (request) {
    if (request->node->kind != NodeKind::kMapping) {
      reading.report.error(request->place(), "must be the mapping that is the request's body");
    } else {
      out.request = read_json(reading, *request).value_or("{}");
    }
  }
  if (const std::optional<Value> upstreams = mapping.take("upstreams")) {
    out.upstreams = read_upstreams(reading, *upstreams);
  }
}

EarlierRequest read_earlier(Reading& reading, const Value& item, const ScriptedRequest& inherited) {
  EarlierRequest out;
  StrictMapping mapping(reading, item);
  read_request(mapping, &inherited, out);
  out.times = static_cast<uint32_t>(mapping.integer("times", 1, 1, kEarlierMax));
  if (const std::optional<Value> running = mapping.take("running")) {
    out.running = read_bool(reading, *running).value_or(false);
  }
  out.pause_ms =
      static_cast<uint64_t>(mapping.integer("pause_seconds", 0, 0, 31 * kSecondsMax)) * 1000;
  mapping.done();
  return out;
}

PolicyCase read_case(Reading& reading, const Value& item) {
  PolicyCase out;
  StrictMapping mapping(reading, item);
  out.name = mapping.require_string("name").value_or("");
  out.at_ms = read_time(mapping, "at");
  read_request(mapping, nullptr, out);
  for (const Value& earlier : mapping.list("before"))
    out.before.push_back(read_earlier(reading, earlier, out));
  if (const std::optional<Value> spent = mapping.take("spent")) {
    for (const Entry& entry : read_entries(reading, *spent)) {
      const std::optional<int64_t> usd = read_usd(reading, entry.value);
      if (usd) out.spent.emplace_back(entry.key, *usd);
    }
  }
  out.repeat = static_cast<uint32_t>(mapping.integer("repeat", 1, 1, kRepeatMax));
  out.seed =
      static_cast<uint64_t>(mapping.integer("seed", 0, 0, std::numeric_limits<int64_t>::max()));
  if (const std::optional<Value> expect = mapping.require("expect")) {
    out.expect = read_expectation(reading, *expect);
  }
  mapping.done();
  return out;
}

PolicyCases read_document(Reading& reading, const Node& root) {
  PolicyCases out;
  StrictMapping document(reading, {&root, ""});
  if (!document.valid()) return out;
  out.config = document.string("config").value_or("");
  const std::optional<Value> list = document.require("cases");
  for (const Value& item : list ? read_list(reading, *list) : std::vector<Value>{})
    out.cases.push_back(read_case(reading, item));
  document.done();
  return out;
}

}  // namespace

PolicyCasesResult read_policy_cases(std::string_view text, std::string_view file_name,
                                    const Lookup& lookup, Time now) {
  PolicyCasesResult result;
  Report report(file_name);
  const Tree tree = parse_yaml(text, report);
  Reading reading{tree, report, lookup, now};
  if (tree.complete && tree.roots.size() != 1) {
    report.error({}, "must be one document with config and cases");
  } else if (tree.complete) {
    PolicyCases cases = read_document(reading, tree.at(tree.roots[0]));
    if (!report.has_errors()) result.cases = std::move(cases);
  }
  result.diagnostics = report.take();
  return result;
}

}  // namespace tollgate::config
