#include <array>
#include <string>
#include <utility>

#include "config/document_types.hpp"
#include "config/names.hpp"
#include "config/rule_reading.hpp"

namespace tollgate::config {
namespace {

constexpr std::array kLimits = {
    LimitKind{"cost_per_day", {Measure::kMoney, Period::kDay, 0}},
    LimitKind{"cost_per_week", {Measure::kMoney, Period::kWeek, 0}},
    LimitKind{"cost_per_month", {Measure::kMoney, Period::kMonth, 0}},
    LimitKind{"cost_per_quarter", {Measure::kMoney, Period::kQuarter, 0}},
    LimitKind{"cost_per_lifetime", {Measure::kMoney, Period::kLifetime, 0}},
};

/// Units of the first generation, which knows budgets of tokens too.
constexpr std::array kUnits = {
    LimitKind{"cost_per_day", {Measure::kMoney, Period::kDay, 0}},
    LimitKind{"cost_per_week", {Measure::kMoney, Period::kWeek, 0}},
    LimitKind{"cost_per_month", {Measure::kMoney, Period::kMonth, 0}},
    LimitKind{"cost_per_quarter", {Measure::kMoney, Period::kQuarter, 0}},
    LimitKind{"tokens_per_day", {Measure::kTokens, Period::kDay, 0}},
    LimitKind{"tokens_per_month", {Measure::kTokens, Period::kMonth, 0}},
};

policy::Mode read_mode(StrictMapping& document) {
  constexpr policy::Mode kModes[] = {policy::Mode::kEnforce, policy::Mode::kAudit,
                                     policy::Mode::kSoftEnforce};
  if (!document.take("mode")) return policy::Mode::kEnforce;
  const std::optional<size_t> mode = document.choice("mode", {"enforce", "audit", "soft_enforce"});
  return mode ? kModes[*mode] : policy::Mode::kEnforce;
}

void read_old_rule(Reading& reading, const Value& item, uint32_t group, Draft& draft) {
  StrictMapping mapping(reading, item);
  if (!mapping.valid()) return;
  RuleDraft read;
  policy::Rule& rule = read.rule;
  const std::optional<Value> id = mapping.require("id");
  rule.id = id ? read_string(reading, *id).value_or("") : "";
  rule.key = "budget/" + rule.id;
  rule.group = group;
  rule.when = read_when_lists(mapping, draft);
  std::vector<std::string_view> units;
  for (const LimitKind& kind : kUnits)
    units.push_back(kind.key);
  const std::optional<size_t> unit = mapping.choice("unit", units);
  const std::optional<Value> limit_to = mapping.require("limit_to");
  if (unit && limit_to) {
    policy::Limit limit = kUnits[*unit].limit;
    const std::optional<int64_t> amount =
        limit.measure == Measure::kMoney
            ? read_usd(reading, *limit_to)
            : read_integer(reading, *limit_to, 0, 1'000'000'000'000'000);
    limit.amount = amount.value_or(0);
    rule.limits = {limit};
  }
  for (const Value& per : mapping.list("budget_applies_per")) {
    if (std::optional<policy::Per> dimension = read_per(reading, per)) {
      rule.per.push_back(std::move(*dimension));
    }
  }
  if (mapping.boolean("audit_mode", false)) rule.mode = policy::Mode::kAudit;
  read_alerts(mapping, read);
  read_admission(mapping, rule);
  read_zone(mapping, rule);
  mapping.done();
  if (!id) return;
  read.place = id->place();
  add_rule(draft, std::move(read), reading.report);
}

void read_new_budget(StrictMapping& document, Draft& draft, bool of_team) {
  RuleDraft read;
  policy::Rule& rule = read.rule;
  const std::optional<ReadName> name = read_name(document);
  rule.id = name ? name->name : "";
  rule.key = "budget/" + rule.id;
  rule.mode = read_mode(document);
  if (of_team) {
    const std::optional<Value> team = document.require("team_name");
    const std::optional<std::string> text =
        team ? read_string(document.reading(), *team) : std::nullopt;
    rule.when = read_when_filters(document, draft, false);
    if (text) {
      draft.subjects.push_back({"team:" + *text, team->place()});
      rule.when.subjects = {"team:" + *text};
    }
  } else {
    rule.when = read_when_filters(document, draft, true);
  }
  rule.limits = read_limits(document, kLimits);
  read_applies_to(document, kLimits, rule);
  read_alerts(document, read);
  read_admission(document, rule);
  read_zone(document, rule);
  document.take("ownedBy");
  if (!name) return;
  read.place = name->place;
  add_rule(draft, std::move(read), document.reading().report);
}

}  // namespace

void read_budgets_v1(StrictMapping& document, Draft& draft) {
  document.take("name");
  const std::optional<Value> rules = document.require("rules");
  if (!rules) return;
  const uint32_t group = draft.rule_groups++;
  for (const Value& item : read_list(document.reading(), *rules))
    read_old_rule(document.reading(), item, group, draft);
}

void read_tenant_budget(StrictMapping& document, Draft& draft) {
  read_new_budget(document, draft, false);
}

void read_team_budget(StrictMapping& document, Draft& draft) {
  read_new_budget(document, draft, true);
}

}  // namespace tollgate::config
