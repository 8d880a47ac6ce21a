#include "policy/rule_set.hpp"

#include "base/text_hash.hpp"
#include "support/catch.hpp"

namespace tollgate::policy {
namespace {

const model::Principal kAnn{model::PrincipalKind::kUser, "ann", {"everyone", "senior", "api"}, {}};
const model::Principal kBot{model::PrincipalKind::kVirtualAccount, "ci", {}, {}};
const model::Metadata kNone;
const TargetNames kOpus{"fast", "coding/fast", "eng/opus", "eng"};

Rule rule(std::string id, std::vector<Per> per = {}) {
  Rule made;
  made.id = id;
  made.key = "budget/" + id;
  made.per = std::move(per);
  made.limits = {{Measure::kMoney, Period::kDay, 100}};
  return made;
}

/// "id=entity" of every match, audit ones in brackets.
std::string matched(const RuleSet& rules, Phase phase, const Caller& caller) {
  Matches matches;
  rules.match(phase, caller, kOpus, matches);
  std::string text;
  for (const Match& match : matches.all) {
    if (!text.empty()) text += ' ';
    const std::string one = match.rule->id + "=" + std::string(match.entity);
    text += match.mode == Mode::kAudit ? "(" + one + ")" : one;
    CHECK(match.entity_hash == text_hash(match.entity));
  }
  return text;
}

Caller caller_of(const model::Principal& principal, const model::Metadata& metadata = kNone) {
  return {&principal, &metadata, "session-1", "agent-1", "agent-0"};
}

TEST_CASE("a rule has one counter for all, or one for each value of its dimension") {
  const RuleSet rules(
      {rule("all"), rule("user", {{Dimension::kUser, {}}}),
       rule("bot", {{Dimension::kVirtualAccount, {}}}), rule("team", {{Dimension::kTeam, {}}}),
       rule("project", {{Dimension::kMetadata, "project"}}),
       rule("both", {{Dimension::kUser, {}}, {Dimension::kMetadata, "project"}}),
       rule("session", {{Dimension::kSession, {}}}), rule("agent", {{Dimension::kAgent, {}}}),
       rule("parent", {{Dimension::kParentAgent, {}}}), rule("model", {{Dimension::kModel, {}}}),
       rule("account", {{Dimension::kProviderAccount, {}}})});
  const model::Metadata project{{"project", "orca"}};
  CHECK(matched(rules, Phase::kPrincipal, caller_of(kAnn, project)) ==
        "all= user=ann team=senior team=api project=orca both=ann|orca session=session-1 "
        "agent=agent-1 parent=agent-0");
  CHECK(matched(rules, Phase::kPrincipal, caller_of(kBot)) ==
        "all= bot=ci session=session-1 agent=agent-1 parent=agent-0");
  CHECK(matched(rules, Phase::kTarget, caller_of(kAnn)) == "model=eng/opus account=eng");
}

TEST_CASE("a capped virtual model has one counter, whatever serves it") {
  Rule facade = rule("facade", {{Dimension::kModel, {}}});
  facade.when.has_models = true;
  facade.when.models = {true, NameSet({"coding/fast"}), {}};
  CHECK(matched(RuleSet({facade}), Phase::kTarget, caller_of(kAnn)) == "facade=coding/fast");
}

TEST_CASE("of a group the first match decides; later ones count or do not") {
  const auto grouped = [](std::string id, bool others_count, bool about_seniors) {
    Rule made = rule(std::move(id));
    made.group = 0;
    made.others_count = others_count;
    if (about_seniors) made.when.subjects = {"team:senior"};
    return made;
  };
  const RuleSet budgets({grouped("senior", true, true), grouped("default", true, false),
                         grouped("last", true, false), rule("other")});
  CHECK(matched(budgets, Phase::kPrincipal, caller_of(kAnn)) ==
        "senior= (default=) (last=) other=");
  CHECK(matched(budgets, Phase::kPrincipal, caller_of(kBot)) == "default= (last=) other=");
  const RuleSet rates({grouped("senior", false, true), grouped("default", false, false)});
  CHECK(matched(rates, Phase::kPrincipal, caller_of(kAnn)) == "senior=");
  CHECK(matched(rates, Phase::kPrincipal, caller_of(kBot)) == "default=");
}

TEST_CASE("a group that speaks of models waits for the target as a whole") {
  Rule opus = rule("opus");
  opus.when.has_models = true;
  opus.when.models = {true, NameSet({"eng/opus"}), {}};
  Rule other = rule("other");
  opus.group = other.group = 3;
  const RuleSet rules({opus, other, rule("free")});
  CHECK(matched(rules, Phase::kPrincipal, caller_of(kAnn)) == "free=");
  CHECK(matched(rules, Phase::kTarget, caller_of(kAnn)) == "opus= (other=)");
}

TEST_CASE("a rule without a value for its dimension leaves the decision to the next") {
  Rule user = rule("user", {{Dimension::kUser, {}}});
  Rule all = rule("all");
  user.group = all.group = 0;
  CHECK(matched(RuleSet({user, all}), Phase::kPrincipal, caller_of(kBot)) == "all=");
}

TEST_CASE("an override replaces all limits of its entity") {
  Rule daily = rule("daily", {{Dimension::kUser, {}}});
  daily.overrides["ann"] = {{Measure::kMoney, Period::kWeek, 7}};
  const RuleSet rules({daily});
  Matches matches;
  rules.match(Phase::kPrincipal, caller_of(kAnn), {}, matches);
  REQUIRE(matches.all.size() == 1);
  CHECK(*matches.all[0].limits == std::vector<Limit>{{Measure::kMoney, Period::kWeek, 7}});
  const model::Principal bob{model::PrincipalKind::kUser, "bob", {}, {}};
  rules.match(Phase::kPrincipal, caller_of(bob), {}, matches);
  CHECK(matches.all.at(0).limits->at(0).amount == 100);
}

TEST_CASE("limits are named as documents write them") {
  CHECK(limit_name({Measure::kMoney, Period::kLifetime, 0}) == "cost_per_lifetime");
  CHECK(limit_name({Measure::kTokens, Period::kMinute, 0}) == "tokens_per_minute");
  CHECK(limit_name({Measure::kRequests, Period::kDay, 0}) == "requests_per_day");
  CHECK(limit_name({Measure::kSlots, Period::kLifetime, 0}) == "concurrent_requests");
}

}  // namespace
}  // namespace tollgate::policy
