#include "exchange/usage_report.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text_hash.hpp"
#include "exchange/charges.hpp"
#include "exchange/decision.hpp"
#include "exchange/limit_messages.hpp"
#include "json/writer.hpp"

namespace tollgate::exchange {
namespace {

constexpr int64_t kMsPerSecond = 1'000;

/// A rule and whose counter of it: what is told once, however many models lead to it.
struct ListedRule {
  const policy::Rule* rule = nullptr;
  std::string entity;
  const std::vector<policy::Limit>* limits = nullptr;
  policy::Mode mode = policy::Mode::kEnforce;
};

std::string_view dimension_name(policy::Dimension dimension) {
  switch (dimension) {
    case policy::Dimension::kUser:
      return "user";
    case policy::Dimension::kTeam:
      return "team";
    case policy::Dimension::kVirtualAccount:
      return "virtualaccount";
    case policy::Dimension::kModel:
      return "model";
    case policy::Dimension::kProviderAccount:
      return "provideraccount";
    case policy::Dimension::kMetadata:
      return "metadata";
    case policy::Dimension::kSession:
      return "session";
    case policy::Dimension::kAgent:
      return "agent";
    case policy::Dimension::kParentAgent:
      break;
  }
  return "parentagent";
}

/// "{user:ann@corp.example}", "{metadata.project:infra}", "{aggregate}".
std::string entity_text(const policy::Rule& rule, const std::string& entity) {
  if (rule.per.empty()) return "{aggregate}";
  std::string text = "{";
  for (const policy::Per& per : rule.per) {
    if (text.size() > 1) text += '|';
    text += dimension_name(per.dimension);
    if (!per.key.empty()) text += "." + per.key;
  }
  return text + ":" + entity + "}";
}

std::string applies_to(const policy::Rule& rule) {
  if (rule.per.empty()) return "aggregate";
  if (rule.per[0].dimension == policy::Dimension::kMetadata) return "metadata";
  return "per-" + std::string(dimension_name(rule.per[0].dimension));
}

/// The type of document a rule was written in.
std::string_view document_type(const policy::Rule& rule) {
  if (rule.kind == policy::RuleKind::kRateLimit) {
    return rule.group != policy::kNoGroup ? "gateway-rate-limiting-config"
                                          : "tenant-rate-limit-config/model";
  }
  if (rule.group != policy::kNoGroup) return "gateway-budget-config";
  return rule.when.subjects.empty() ? "tenant-budget-config" : "team-budget-config";
}

void collect(const policy::Matches& matches, std::vector<ListedRule>& found) {
  for (const policy::Match& match : matches.all) {
    const bool known = std::any_of(found.begin(), found.end(), [&](const ListedRule& one) {
      return one.rule == match.rule && one.entity == match.entity;
    });
    if (!known) found.push_back({match.rule, std::string(match.entity), match.limits, match.mode});
  }
}

std::vector<ListedRule> rules_of(const config::Configuration& configuration,
                                 const ClientRequest& request) {
  std::vector<ListedRule> found;
  const policy::Caller caller{request.principal, &request.metadata, request.session_id,
                              request.agent_id, request.parent_agent_id};
  policy::Matches matches;
  configuration.rules.match(policy::Phase::kPrincipal, caller, {}, matches);
  collect(matches, found);
  const auto add = [&](std::string_view virtual_model, const std::string& target) {
    const std::string_view account = std::string_view(target).substr(0, target.find('/'));
    configuration.rules.match(
        policy::Phase::kTarget, caller,
        {virtual_model.empty() ? target : virtual_model, virtual_model, target, account}, matches);
    collect(matches, found);
  };
  const auto& integrations = configuration.catalog.integrations();
  for (size_t i = 0; i < integrations.size(); ++i) {
    const bool told =
        !integrations[i].is_wildcard() && may_use_integration(configuration, *request.principal, i);
    if (told) add({}, integrations[i].account_name + "/" + integrations[i].name);
  }
  const auto& routes = configuration.routes.models();
  for (size_t i = 0; i < routes.size(); ++i) {
    if (!may_use_route(configuration, *request.principal, i)) continue;
    for (const router::RouteTarget& target : routes[i].routing.targets)
      add(routes[i].name, target.target.name);
  }
  // In the order of the documents, each rule once with all its counters.
  std::stable_sort(found.begin(), found.end(),
                   [](const ListedRule& a, const ListedRule& b) { return a.rule < b.rule; });
  return found;
}

void write_end(json::Writer& writer, std::string_view key, int64_t wall_ms) {
  writer.key(key);
  const bool open = wall_ms == INT64_MIN || wall_ms == INT64_MAX;
  open ? writer.null() : writer.integer(wall_ms / kMsPerSecond);
}

/// When a limit is as good as new: at its window's end, or, where windows slide, at the latest when
/// one has passed in which nothing more is used.
Window window_told(const policy::Rule& rule, const policy::Limit& limit, Time now) {
  if (limit.measure == Measure::kSlots) return {};
  if (!ledger::slides(limit.measure, limit.period)) {
    return window_at(limit.period, now.wall_ms, rule.zone);
  }
  const auto span_ms = static_cast<int64_t>(sliding_ns(limit.period) / kMillisecond);
  return {now.wall_ms - span_ms, now.wall_ms + span_ms};
}

void write_counter(json::Writer& writer, const ListedRule& found, const policy::Limit& limit,
                   Environment& environment, Time now) {
  const Window told = window_told(*found.rule, limit, now);
  ledger::Charge charge;
  charge.rule = found.rule->key;
  charge.entity = found.entity;
  charge.hash = ledger::charge_hash(found.rule->key_hash, text_hash(found.entity));
  charge.measure = limit.measure;
  charge.period = limit.measure == Measure::kSlots ? Period::kLifetime : limit.period;
  if (!ledger::slides(charge.measure, charge.period)) charge.window = told;
  charge.limit = limit.amount;
  const ledger::Balance balance = environment.ledger->balance(charge, now);
  // A slot is taken for as long as it is reserved, and never spent.
  const int64_t used = limit.measure == Measure::kSlots ? balance.reserved : balance.spent();
  const auto amount = [&](std::string_view name, int64_t value) {
    limit.measure == Measure::kMoney ? writer.raw_member(name, exact_usd(value))
                                     : writer.member(name, value);
  };
  writer.key(policy::limit_name(limit)).begin_object();
  amount("limit", limit.amount);
  amount("used", used);
  if (limit.measure != Measure::kSlots) amount("reserved", balance.reserved);
  writer.raw_member("percentage", percent_text(used, limit.amount));
  write_end(writer, "start", told.start_ms);
  write_end(writer, "end", told.end_ms);
  writer.member("is_blocked", found.mode == policy::Mode::kEnforce && used >= limit.amount)
      .end_object();
}

/// The rules of one kind, each with the caller's counters of it.
void write_rules(json::Writer& writer, const std::vector<ListedRule>& found, policy::RuleKind kind,
                 Environment& environment, Time now) {
  const bool budgets = kind == policy::RuleKind::kBudget;
  writer.begin_array();
  for (size_t i = 0; i < found.size(); ++i) {
    const policy::Rule& rule = *found[i].rule;
    if (rule.kind != kind) continue;
    if (i == 0 || found[i - 1].rule != &rule) {
      writer.begin_object().member("name", rule.id).member("type", document_type(rule));
      if (budgets) {
        writer.key("team_name");
        const bool of_team = document_type(rule) == "team-budget-config";
        of_team ? writer.string(rule.when.subjects[0].substr(sizeof("team:") - 1)) : writer.null();
      }
      writer.member("applies_to", applies_to(rule))
          .member("mode", mode_name(found[i].mode))
          .key("entities")
          .begin_array();
    }
    writer.begin_object().member("entity", entity_text(rule, found[i].entity));
    writer.key(budgets ? "periods" : "limits").begin_object();
    for (const policy::Limit& limit : *found[i].limits)
      write_counter(writer, found[i], limit, environment, now);
    writer.end_object().end_object();
    if (i + 1 == found.size() || found[i + 1].rule != &rule) writer.end_array().end_object();
  }
  writer.end_array();
}

}  // namespace

std::string usage_report(const config::Configuration& configuration, Environment& environment,
                         const ClientRequest& request, Time now) {
  const std::vector<ListedRule> found = rules_of(configuration, request);
  std::string out;
  json::Writer writer(out);
  writer.begin_object().member("principal", request.principal->subject());
  writer.key("matched");
  write_rules(writer, found, policy::RuleKind::kBudget, environment, now);
  writer.key("rate_limits");
  write_rules(writer, found, policy::RuleKind::kRateLimit, environment, now);
  writer.end_object();
  return out;
}

}  // namespace tollgate::exchange
