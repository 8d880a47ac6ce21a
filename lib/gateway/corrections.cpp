#include "gateway/corrections.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "base/text_hash.hpp"
#include "config/prices.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "model/usage.hpp"

namespace tollgate::gateway {
namespace {

constexpr size_t kNoteBytesMax = 4'096;
// What a ledger takes as one correction, with its mark.
constexpr size_t kCountersMax = limits::kLedgerScopesPerReservationMax - 1;

ledger::Charge charge_of(const policy::Rule& rule, std::string_view entity,
                         const policy::Limit& limit, int64_t wall_ms) {
  ledger::Charge charge;
  charge.rule = rule.key;
  charge.entity = entity;
  charge.hash = ledger::charge_hash(rule.key_hash, text_hash(entity));
  charge.measure = limit.measure;
  charge.period = limit.period;
  charge.window = window_at(limit.period, wall_ms, rule.zone);
  charge.limit = limit.amount;
  return charge;
}

model::Tokens read_tokens(json::Value usage) {
  model::Tokens tokens;
  tokens.input = usage["input_tokens"].integer().value_or(0);
  tokens.output = usage["output_tokens"].integer().value_or(0);
  tokens.cache_read = usage["cache_read_input_tokens"].integer().value_or(0);
  tokens.cache_write_5m = usage["cache_creation_5m"].integer().value_or(0);
  tokens.cache_write_1h = usage["cache_creation_1h"].integer().value_or(0);
  return tokens;
}

model::Usage read_usage(json::Value value) {
  model::Usage usage;
  usage.tokens = read_tokens(value);
  usage.web_searches = value["web_searches"].integer().value_or(0);
  usage.web_fetches = value["web_fetches"].integer().value_or(0);
  usage.fast = value["fast"].boolean().value_or(false);
  usage.service_tier = value["service_tier"].string_or("");
  usage.inference_geo = value["inference_geo"].string_or("");
  for (const json::Value one : value["iterations"].elements()) {
    usage.iterations.push_back({std::string(one["type"].string_or("")),
                                std::string(one["model"].string_or("")),
                                read_tokens(one),
                                {}});
  }
  return usage;
}

model::Principal read_principal(json::Value record) {
  constexpr std::string_view kUser = "user:";
  constexpr std::string_view kAccount = "virtualaccount:";
  const std::string_view subject = record["principal"].string_or("");
  model::Principal principal;
  if (subject.starts_with(kUser)) {
    principal.kind = model::PrincipalKind::kUser;
    principal.name = subject.substr(kUser.size());
  } else if (subject.starts_with(kAccount)) {
    principal.kind = model::PrincipalKind::kVirtualAccount;
    principal.name = subject.substr(kAccount.size());
  }
  for (const json::Value team : record["teams"].elements())
    principal.teams.emplace_back(team.string_or(""));
  return principal;
}

/// Whether a counter of a rule may be this one's. Who comes through an identity provider, and what
/// clients call themselves, is not in the configuration and has to be believed.
bool may_count(const config::Configuration& configuration, const policy::Rule& rule,
               std::string_view entity) {
  if (entity.empty() || entity.size() > limits::kLedgerScopeNameBytesMax) return false;
  if (rule.per.size() != 1) return true;
  const identity::Directory& people = configuration.directory;
  switch (rule.per.front().dimension) {
    case policy::Dimension::kUser:
      return !configuration.issuers.empty() ||
             people.find("user:" + std::string(entity)) != nullptr;
    case policy::Dimension::kVirtualAccount:
      return people.find("virtualaccount:" + std::string(entity)) != nullptr;
    case policy::Dimension::kProviderAccount:
      return std::any_of(configuration.accounts.begin(), configuration.accounts.end(),
                         [&](const providers::Account& one) { return one.name == entity; });
    default:
      return true;
  }
}

/// Has the background look for what is to be written.
void write_soon(const Gateway& gateway) {
  const exchange::Waker& waker = gateway.environment()->waker;
  waker(waker.background_token);
}

/// What one counter is to be corrected by.
struct Sum {
  const policy::Rule* rule = nullptr;
  policy::Limit limit;
  int64_t wall_ms = 0;
  int64_t nano_usd = 0;
};

/// Reads records and adds up what the prices of today make of them.
class Repricer {
 public:
  Repricer(const config::Configuration& configuration, int64_t from_ms, int64_t to_ms)
      : configuration_(configuration), from_ms_(from_ms), to_ms_(to_ms) {}

  Status add(std::string_view line) {
    const Result<json::Value> parsed = document_.parse(line);
    if (!parsed.ok()) return invalid("a line is no record");
    const json::Value record = parsed.value();
    int64_t wall_ms = 0;
    if (!parse_rfc3339(record["time"].string_or(""), wall_ms)) return {};
    const std::optional<int64_t> booked = record["cost_nano_usd"].integer();
    if (wall_ms < from_ms_ || wall_ms >= to_ms_ || !booked) return {};
    ++requests_;
    // Of attempts that failed the record has no usage: their part of the cost cannot be told.
    const std::optional<NanoUsd> cost =
        record["attempts"].size() > 1 ? std::nullopt : cost_of(record, wall_ms);
    if (!cost) {
      ++skipped_;
      return {};
    }
    const int64_t difference = cost->value - *booked;
    if (difference == 0) return {};
    ++repriced_;
    difference_ = add_saturating(NanoUsd{difference_}, NanoUsd{difference}).value;
    add_to_budgets(record, wall_ms, difference);
    return {};
  }

  Result<size_t> book(ledger::Ledger& ledger, std::string_view id, Time now) const {
    if (sums_.size() > kCountersMax) {
      return Status(Code::kLimit,
                    "the records are in more than 255 counters of budgets: price a "
                    "shorter span of time");
    }
    std::vector<ledger::Correction> corrections;
    for (const auto& [key, sum] : sums_) {
      corrections.push_back(
          {charge_of(*sum.rule, std::get<1>(key), sum.limit, sum.wall_ms), sum.nano_usd});
    }
    return ledger.correct(id, corrections, "priced anew", now);
  }

  std::string report(size_t counters) const {
    std::string text;
    json::Writer(text)
        .begin_object()
        .member("requests", requests_)
        .member("repriced", repriced_)
        .member("skipped", skipped_)
        .member("difference_nano_usd", difference_)
        .member("counters", static_cast<int64_t>(counters))
        .end_object();
    return text;
  }

 private:
  using Key = std::tuple<std::string, std::string, Period, int64_t>;

  std::optional<NanoUsd> cost_of(json::Value record, int64_t wall_ms) const {
    const json::Value usage = record["usage"];
    const router::Resolved target = configuration_.catalog.resolve(record["target"].string_or(""));
    if (!usage.is_object() || target.resolution != router::Resolution::kFound) return std::nullopt;
    const uint32_t integration = target.target.integration;
    const auto found =
        config::find_price(configuration_, integration, target.target.model_id, wall_ms);
    if (!found) return std::nullopt;
    const pricing::PriceOf price_of = [&](std::string_view model) {
      const auto other = config::find_price(configuration_, integration, model, wall_ms);
      return other ? other->price : found->price;
    };
    return pricing::cost(read_usage(usage), found->price, price_of);
  }

  void add_to_budgets(json::Value record, int64_t wall_ms, int64_t difference) {
    const model::Principal principal = read_principal(record);
    model::Metadata metadata;
    for (const json::Member member : record["metadata"].members())
      metadata.emplace_back(member.key, member.value.string_or(""));
    const policy::Caller caller{&principal, &metadata, record["session_id"].string_or(""),
                                record["agent_id"].string_or(""),
                                record["parent_agent_id"].string_or("")};
    const std::string_view requested = record["model"].string_or("");
    const std::string_view target = record["target"].string_or("");
    const size_t route = configuration_.routes.find(requested);
    const size_t bare = configuration_.routes.find_bare(requested);
    const size_t routed = route != router::Routes::kNone ? route : bare;
    const std::string_view virtual_model =
        routed == router::Routes::kNone
            ? std::string_view()
            : std::string_view(configuration_.routes.models()[routed].name);
    const policy::TargetNames names{requested, virtual_model, target,
                                    target.substr(0, target.find('/'))};
    for (const policy::Phase phase : {policy::Phase::kPrincipal, policy::Phase::kTarget}) {
      configuration_.rules.match(phase, caller, names, matches_);
      for (const policy::Match& match : matches_.all) {
        if (match.rule->kind != policy::RuleKind::kBudget) continue;
        for (const policy::Limit& limit : *match.limits) {
          if (limit.measure != Measure::kMoney) continue;
          const int64_t start = window_at(limit.period, wall_ms, match.rule->zone).start_ms;
          Sum& sum = sums_[{match.rule->key, std::string(match.entity), limit.period, start}];
          sum.rule = match.rule;
          sum.limit = limit;
          sum.wall_ms = wall_ms;
          sum.nano_usd = add_saturating(NanoUsd{sum.nano_usd}, NanoUsd{difference}).value;
        }
      }
    }
  }

  const config::Configuration& configuration_;
  int64_t from_ms_;
  int64_t to_ms_;
  json::Document document_;
  policy::Matches matches_;
  std::map<Key, Sum> sums_;
  int64_t requests_ = 0;
  int64_t repriced_ = 0;
  int64_t skipped_ = 0;
  int64_t difference_ = 0;
};

}  // namespace

Status correct_budget(const Gateway& gateway, const BudgetCorrection& correction, Time now) {
  if (correction.note.size() > kNoteBytesMax) {
    return invalid("a note has at most 4096 bytes", "note");
  }
  // A window that has not begun would take the place of the one that is running.
  if (correction.wall_ms < 0 || correction.wall_ms > now.wall_ms) {
    return invalid("what was spent was spent between 1970 and now", "wall_ms");
  }
  const std::shared_ptr<const config::Configuration> configuration = gateway.configuration();
  for (const policy::Rule& rule : configuration->rules.rules()) {
    if (rule.kind != policy::RuleKind::kBudget || rule.id != correction.budget) continue;
    if (rule.per.empty() != correction.entity.empty()) {
      return invalid(rule.per.empty() ? "this budget has one counter for all: name no entity"
                                      : "this budget has several counters: name the entity",
                     rule.id);
    }
    if (!rule.per.empty() && !may_count(*configuration, rule, correction.entity)) {
      return invalid("this budget counts nobody of this name", rule.id);
    }
    const auto own = rule.overrides.find(correction.entity);
    const std::vector<policy::Limit>& limits =
        own == rule.overrides.end() ? rule.limits : own->second;
    const int64_t wall_ms = correction.wall_ms == 0 ? now.wall_ms : correction.wall_ms;
    std::vector<ledger::Correction> corrections;
    for (const policy::Limit& limit : limits) {
      if (limit.measure != Measure::kMoney) continue;
      corrections.push_back(
          {charge_of(rule, correction.entity, limit, wall_ms), correction.nano_usd});
    }
    const Result<size_t> made =
        gateway.environment()->ledger->correct(correction.id, corrections, correction.note, now);
    if (!made.ok()) return made.status();
    write_soon(gateway);
    return Status();
  }
  // Of a name that is too long to be one not a byte is read.
  const bool is_name = correction.budget.size() <= limits::kLedgerScopeNameBytesMax;
  return invalid("there is no budget of this name",
                 is_name ? std::string(correction.budget) : std::string());
}

Result<std::string> reprice(const Gateway& gateway, std::string_view id, std::string_view records,
                            int64_t from_ms, int64_t to_ms, Time now) {
  const std::shared_ptr<const config::Configuration> configuration = gateway.configuration();
  Repricer repricer(*configuration, from_ms, to_ms);
  while (!records.empty()) {
    const size_t end = std::min(records.find('\n'), records.size());
    const std::string_view line = records.substr(0, end);
    records.remove_prefix(std::min(end + 1, records.size()));
    if (line.find_first_not_of(" \r\t") == std::string_view::npos) continue;
    if (Status status = repricer.add(line); !status.ok()) return status;
  }
  const Result<size_t> counters = repricer.book(*gateway.environment()->ledger, id, now);
  if (!counters.ok()) return counters.status();
  write_soon(gateway);
  return repricer.report(counters.value());
}

}  // namespace tollgate::gateway
