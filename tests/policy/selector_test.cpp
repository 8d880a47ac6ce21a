#include "policy/selector.hpp"

#include "support/catch.hpp"

namespace tollgate::policy {
namespace {

struct PatternCase {
  const char* pattern;
  const char* text;
  bool matches;
};

const PatternCase kPatterns[] = {
    {"", "", true},
    {"", "a", false},
    {"a", "a", true},
    {"*", "", true},
    {"*", "abc", true},
    {"a*", "abc", true},
    {"*c", "abc", true},
    {"a*c", "ac", true},
    {"a*c", "abcabc", true},
    {"a*c", "abcab", false},
    {"*opus*", "x/claude-opus-5", true},
    {"*opus*", "x/claude-sonnet", false},
    {"a**b", "ab", true},
    {"eng/*", "eng/a/b", true},
    {"eng/*", "engine", false},
};

TEST_CASE("a star stands for any run of characters") {
  for (const PatternCase& row : kPatterns) {
    CAPTURE(row.pattern, row.text);
    CHECK(matches_pattern(row.pattern, row.text) == row.matches);
    CHECK(NameSet({row.pattern}).contains(row.text) == row.matches);
  }
}

model::Principal user(std::string name, std::vector<std::string> teams) {
  teams.insert(teams.begin(), "everyone");
  return {model::PrincipalKind::kUser, std::move(name), std::move(teams), {}};
}

model::Principal bot(std::string name) {
  return {model::PrincipalKind::kVirtualAccount, std::move(name), {}, {}};
}

Filter in(std::vector<std::string> names) {
  return {true, NameSet(names), {}};
}

Filter not_in(std::vector<std::string> names) {
  return {false, {}, NameSet(names)};
}

TEST_CASE("a set holds its names, be they few or many, and no other") {
  for (const size_t count : {0U, 1U, 6U, 7U, 100U}) {
    CAPTURE(count);
    std::vector<std::string> names;
    for (size_t i = 0; i < count; ++i)
      names.push_back("name-" + std::to_string(i));
    const NameSet set(names);
    CHECK(set.empty() == (count == 0));
    for (const std::string& name : names)
      CHECK(set.contains(name));
    CHECK_FALSE(set.contains("name-" + std::to_string(count)));
    CHECK_FALSE(set.contains(""));
    CHECK_FALSE(set.contains("name-"));
  }
}

TEST_CASE("subjects are a choice, and exclusions hold for all of them") {
  const auto senior = user("ann", {"senior"});
  const auto junior = user("bob", {"platform"});
  const auto ci = bot("ci");

  const Selector everyone;
  Selector listed;
  listed.subjects = {"team:senior", "virtualaccount:ci"};
  Selector either;
  either.teams = in({"senior"});
  either.virtual_accounts = in({"ci"});
  Selector but_senior;
  but_senior.teams = not_in({"senior"});
  Selector but_ann = but_senior;
  but_ann.teams = in({"senior"});
  but_ann.users = not_in({"ann"});
  Selector no_bots;
  no_bots.virtual_accounts = not_in({"*"});

  const struct {
    const char* name;
    const Selector& selector;
    bool senior, junior, ci;
  } rows[] = {
      {"nothing said", everyone, true, true, true},
      {"old list", listed, true, false, true},
      {"one of two kinds", either, true, false, true},
      {"everyone but a team", but_senior, false, true, true},
      {"a team but one of it", but_ann, false, false, false},
      {"no virtual accounts", no_bots, true, true, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(row.selector.matches_principal(senior) == row.senior);
    CHECK(row.selector.matches_principal(junior) == row.junior);
    CHECK(row.selector.matches_principal(ci) == row.ci);
  }
}

TEST_CASE("metadata that is missing is as an empty value") {
  Selector ci;
  ci.metadata = {{"environment", in({"ci", "test"})}};
  CHECK(ci.matches_metadata({{"environment", "ci"}}));
  CHECK_FALSE(ci.matches_metadata({{"environment", "prod"}}));
  CHECK_FALSE(ci.matches_metadata({}));
  Selector not_prod;
  not_prod.metadata = {{"environment", not_in({"prod"})}};
  CHECK(not_prod.matches_metadata({}));
  CHECK_FALSE(not_prod.matches_metadata({{"a", "b"}, {"environment", "prod"}}));
}

TEST_CASE("a target is known by every name it was reached under") {
  const TargetNames direct{"opus", "", "eng/opus", "eng"};
  const TargetNames through{"fast", "coding/fast", "eng/opus", "eng"};
  const auto models = [](Filter filter) {
    Selector selector;
    selector.has_models = true;
    selector.models = std::move(filter);
    return selector;
  };
  CHECK(Selector().matches_target(direct));
  CHECK(models(in({"eng/opus"})).matches_target(direct));
  CHECK(models(in({"eng/opus"})).matches_target(through));
  CHECK(models(in({"coding/fast"})).matches_target(through));
  CHECK_FALSE(models(in({"coding/fast"})).matches_target(direct));
  CHECK(models(in({"*opus*"})).matches_target(through));
  CHECK_FALSE(models(not_in({"coding/fast"})).matches_target(through));
  CHECK(models(not_in({"coding/fast"})).matches_target(direct));
  Selector sandbox;
  sandbox.has_accounts = true;
  sandbox.accounts = not_in({"eng"});
  CHECK_FALSE(sandbox.matches_target(direct));
}

}  // namespace
}  // namespace tollgate::policy
