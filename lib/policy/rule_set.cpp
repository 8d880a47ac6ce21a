#include "policy/rule_set.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/text_hash.hpp"

namespace tollgate::policy {
namespace {

constexpr uint32_t kGroupsMax = 64;

bool needs_target(const Per& per) {
  return per.dimension == Dimension::kModel || per.dimension == Dimension::kProviderAccount;
}

/// The model's name that a per-model counter adds up under: the one that the rule names, so that a
/// capped virtual model has one counter whatever serves it.
std::string_view counted_model(const Selector& when, const TargetNames& names) {
  if (when.has_models && when.models.has_in) {
    for (const std::string_view name : {names.virtual_model, names.requested, names.target}) {
      if (!name.empty() && when.models.in.contains(name)) return name;
    }
  }
  return names.target;
}

std::string_view value_of(const Per& per, const Rule& rule, const Caller& caller,
                          const TargetNames& names) {
  const model::Principal& principal = *caller.principal;
  switch (per.dimension) {
    case Dimension::kUser:
      return principal.kind == model::PrincipalKind::kUser ? std::string_view(principal.name)
                                                           : std::string_view();
    case Dimension::kVirtualAccount:
      return principal.kind == model::PrincipalKind::kVirtualAccount
                 ? std::string_view(principal.name)
                 : std::string_view();
    case Dimension::kModel:
      return counted_model(rule.when, names);
    case Dimension::kProviderAccount:
      return names.account;
    case Dimension::kMetadata:
      return metadata_value(*caller.metadata, per.key);
    case Dimension::kSession:
      return caller.session;
    case Dimension::kAgent:
      return caller.agent;
    case Dimension::kParentAgent:
      return caller.parent_agent;
    case Dimension::kTeam:
      break;
  }
  return {};
}

/// Adds the counters of one rule; false when the request has no value in one of its dimensions.
class Adder {
 public:
  Adder(const Caller& caller, const TargetNames& names, Matches& matches)
      : caller_(caller), names_(names), matches_(matches) {}

  bool add(const Rule& rule, Mode mode) {
    if (rule.per.empty()) {
      push(rule, {}, mode);
      return true;
    }
    if (rule.per.size() == 1) return add_single(rule, mode);
    std::string text;
    for (const Per& per : rule.per) {
      const std::string_view value = value_of(per, rule, caller_, names_);
      if (value.empty()) return false;
      if (!text.empty()) text += '|';
      text += value;
    }
    matches_.texts.push_back(std::move(text));
    push(rule, matches_.texts.back(), mode);
    return true;
  }

 private:
  bool add_single(const Rule& rule, Mode mode) {
    if (rule.per[0].dimension != Dimension::kTeam) {
      const std::string_view value = value_of(rule.per[0], rule, caller_, names_);
      if (!value.empty()) push(rule, value, mode);
      return !value.empty();
    }
    // Everybody is in the built-in team; a counter for it would be one for all.
    bool any = false;
    for (const std::string& team : caller_.principal->teams) {
      if (team == "everyone") continue;
      push(rule, team, mode);
      any = true;
    }
    return any;
  }

  void push(const Rule& rule, std::string_view entity, Mode mode) {
    const std::vector<Limit>* limits = &rule.limits;
    if (!rule.overrides.empty()) {
      if (const auto own = rule.overrides.find(entity); own != rule.overrides.end()) {
        limits = &own->second;
      }
    }
    matches_.all.push_back({&rule, entity, text_hash(entity), limits, mode});
  }

  const Caller& caller_;
  const TargetNames& names_;
  Matches& matches_;
};

}  // namespace

std::string limit_name(const Limit& limit) {
  if (limit.measure == Measure::kSlots) return "concurrent_requests";
  const std::string_view what = limit.measure == Measure::kMoney    ? "cost_per_"
                                : limit.measure == Measure::kTokens ? "tokens_per_"
                                                                    : "requests_per_";
  return std::string(what) + std::string(period_name(limit.period));
}

bool Rule::depends_on_target() const {
  return when.has_models || when.has_accounts || std::any_of(per.begin(), per.end(), needs_target);
}

RuleSet::RuleSet(std::vector<Rule> rules) : rules_(std::move(rules)) {
  for (Rule& rule : rules_)
    rule.key_hash = text_hash(rule.key);
  // The rules of a group are looked at together: if one of them waits for the target, all do.
  std::unordered_set<uint32_t> target_groups;
  for (const Rule& rule : rules_) {
    if (rule.group != kNoGroup && rule.depends_on_target()) target_groups.insert(rule.group);
  }
  for (uint32_t i = 0; i < rules_.size(); ++i) {
    const Rule& rule = rules_[i];
    const bool later =
        rule.depends_on_target() || (rule.group != kNoGroup && target_groups.contains(rule.group));
    (later ? target_rules_ : principal_rules_).push_back(i);
  }
}

void RuleSet::match(Phase phase, const Caller& caller, const TargetNames& names,
                    Matches& matches) const {
  matches.all.clear();
  matches.texts.clear();
  // Entities point into these texts, so they must not move.
  matches.texts.reserve(rules_.size());
  Adder adder(caller, names, matches);
  uint64_t decided = 0;
  for (const uint32_t index : phase == Phase::kPrincipal ? principal_rules_ : target_rules_) {
    const Rule& rule = rules_[index];
    const uint64_t group = rule.group < kGroupsMax ? uint64_t{1} << rule.group : 0;
    const bool too_late = (decided & group) != 0;
    if (too_late && !rule.others_count) continue;
    if (!rule.when.matches_principal(*caller.principal)) continue;
    if (phase == Phase::kTarget && !rule.when.matches_target(names)) continue;
    if (!rule.when.matches_metadata(*caller.metadata)) continue;
    if (adder.add(rule, too_late ? Mode::kAudit : rule.mode)) decided |= group;
  }
}

}  // namespace tollgate::policy
