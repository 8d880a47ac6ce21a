#include <array>
#include <string>
#include <utility>

#include "config/document_types.hpp"
#include "config/names.hpp"
#include "config/rule_reading.hpp"

namespace tollgate::config {
namespace {

constexpr std::array kRateLimits = {
    LimitKind{"requests_per_minute", {Measure::kRequests, Period::kMinute, 0}},
    LimitKind{"requests_per_hour", {Measure::kRequests, Period::kHour, 0}},
    LimitKind{"requests_per_day", {Measure::kRequests, Period::kDay, 0}},
    LimitKind{"tokens_per_minute", {Measure::kTokens, Period::kMinute, 0}},
    LimitKind{"tokens_per_hour", {Measure::kTokens, Period::kHour, 0}},
    LimitKind{"tokens_per_day", {Measure::kTokens, Period::kDay, 0}},
    LimitKind{"concurrent_requests", {Measure::kSlots, Period::kLifetime, 0}},
};

constexpr std::array kToolLimits = {
    LimitKind{"tool_calls_per_minute", {Measure::kRequests, Period::kMinute, 0}},
    LimitKind{"tool_calls_per_hour", {Measure::kRequests, Period::kHour, 0}},
    LimitKind{"tool_calls_per_day", {Measure::kRequests, Period::kDay, 0}},
};

constexpr int64_t kCountMax = 1'000'000'000'000'000;

void read_old_limit(Reading& reading, const Value& item, uint32_t group, Draft& draft) {
  StrictMapping mapping(reading, item);
  if (!mapping.valid()) return;
  policy::Rule rule;
  rule.kind = policy::RuleKind::kRateLimit;
  const std::optional<Value> id = mapping.require("id");
  rule.id = id ? read_string(reading, *id).value_or("") : "";
  rule.key = "rate/" + rule.id;
  rule.group = group;
  rule.others_count = false;
  rule.when = read_when_lists(mapping, draft);
  std::vector<std::string_view> units;
  for (const LimitKind& kind : kRateLimits)
    units.push_back(kind.key);
  const std::optional<size_t> unit = mapping.choice("unit", units);
  const std::optional<Value> limit_to = mapping.require("limit_to");
  if (unit && limit_to) {
    policy::Limit limit = kRateLimits[*unit].limit;
    limit.amount = read_integer(reading, *limit_to, 0, kCountMax).value_or(0);
    rule.limits = {limit};
  }
  const std::vector<Value> dimensions = mapping.list("rate_limit_applies_per");
  for (const Value& per : dimensions) {
    if (std::optional<policy::Per> dimension = read_per(reading, per)) {
      rule.per.push_back(std::move(*dimension));
    }
  }
  if (dimensions.size() > 2) {
    reading.report.error(dimensions[2].place(), "at most two dimensions can be told apart");
  }
  if (mapping.boolean("audit_mode", false)) rule.mode = policy::Mode::kAudit;
  mapping.done();
  if (id) add_rule(draft, {std::move(rule), id->place()}, reading.report);
}

}  // namespace

void read_rate_limits_v1(StrictMapping& document, Draft& draft) {
  document.take("name");
  const std::optional<Value> rules = document.require("rules");
  if (!rules) return;
  const uint32_t group = draft.rule_groups++;
  for (const Value& item : read_list(document.reading(), *rules))
    read_old_limit(document.reading(), item, group, draft);
}

void read_model_rate_limit(StrictMapping& document, Draft& draft) {
  policy::Rule rule;
  rule.kind = policy::RuleKind::kRateLimit;
  const std::optional<ReadName> name = read_name(document);
  rule.id = name ? name->name : "";
  rule.key = "rate/" + rule.id;
  if (document.take("mode")) {
    const std::optional<size_t> mode = document.choice("mode", {"enforce", "audit"});
    if (mode == 1) rule.mode = policy::Mode::kAudit;
  }
  rule.when = read_when_filters(document, draft, true);
  rule.limits = read_limits(document, kRateLimits);
  read_applies_to(document, kRateLimits, rule);
  document.boolean("log_request_body_on_block", false);
  document.take("ownedBy");
  if (name) add_rule(draft, {std::move(rule), name->place}, document.reading().report);
}

/// Checked like the others and put away: no tool call passes this version.
void read_mcp_rate_limit(StrictMapping& document, Draft& draft) {
  policy::Rule rule;
  const std::optional<ReadName> name = read_name(document);
  if (document.take("mode")) document.choice("mode", {"enforce", "audit"});
  if (const std::optional<Value> value = document.take("when")) {
    StrictMapping when(document.reading(), *value);
    for (const std::string_view key : {"subjects", "mcp_servers", "metadata"})
      when.take(key);
    when.done();
  }
  read_limits(document, kToolLimits);
  read_applies_to(document, kToolLimits, rule);
  document.boolean("log_request_body_on_block", false);
  document.take("ownedBy");
  static_cast<void>(draft);
  if (!name) return;
  document.reading().report.warning(
      name->place, "this version passes no tool calls of MCP servers: there is nothing to limit");
}

}  // namespace tollgate::config
