#include "config/assemble.hpp"

#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

const FakeHost kHost{{{"ONE", "same"}, {"TWO", "same"}, {"THREE", "other"}}, {}};

const FindingCase kFaults[] = {
    {"two accounts of one name",
     "type: provider-account/anthropic\nname: main\nintegrations: [{name: '*'}]\n---\n"
     "type: provider-account/anthropic\nname: main\nintegrations: [{name: '*'}]\n",
     "t.yaml:6:7: name: a second account of this name, the first is in line 2\n"},
    {"two users of one name", "type: user\nname: a\n---\ntype: user\nname: a\n",
     "t.yaml:5:7: name: a second user of this name, the first is in line 2\n"},
    {"a user and a virtual account may share one",
     "type: user\nname: a\n---\ntype: virtual-account\nname: a\n", ""},
    {"two virtual accounts of one name",
     "type: virtual-account\nname: a\n---\ntype: virtual-account\nname: a\n",
     "t.yaml:5:7: name: a second virtual account of this name, the first is in line 2\n"},
    {"two teams of one name", "type: team\nname: a\n---\ntype: team\nname: a\n",
     "t.yaml:5:7: name: a second team of this name, the first is in line 2\n"},
    {"one token of two",
     "type: user\nname: a\ntokens: [{env: ONE}]\n---\n"
     "type: virtual-account\nname: b\ntokens: [{env: THREE}, {env: TWO}]\n",
     "t.yaml:7:24: tokens[1]: this token is in the configuration twice, first in line 3\n"},
    {"a member nobody is",
     "type: user\nname: dev-1@corp.example\n---\n"
     "type: team\nname: a\nmembers: [dev1@corp.example]\nmanagers: [zoe]\n",
     "t.yaml:6:11: members[0]: no user document has this name (did you mean dev-1@corp.example?)\n"
     "t.yaml:7:12: managers[0]: no user document has this name\n"},
    {"a member defined further down",
     "type: team\nname: a\nmembers: [b]\n---\ntype: user\nname: b\n", ""},
    {"a subject nobody is",
     "type: team\nname: platform\n---\n"
     "type: provider-account/anthropic\nname: main\n"
     "integrations: [{name: '*', authorized_subjects: ['team:platfrom', 'user:platform']}]\n",
     "t.yaml:6:50: integrations[0].authorized_subjects[0]: warning: no document defines this "
     "subject: it lets nobody in (did you mean team:platform?)\n"
     "t.yaml:6:67: integrations[0].authorized_subjects[1]: warning: no document defines this "
     "subject: it lets nobody in\n"},
};

TEST_CASE("names and tokens are resolved across documents") {
  for (const FindingCase& row : kFaults) {
    CAPTURE(row.name);
    CHECK(findings_of(load_text(row.text, kHost)) == row.findings);
  }
}

TEST_CASE("a configuration that serves nobody loads with warnings") {
  const LoadResult result = load_text("type: tollgate-server\n");
  CHECK(result.configuration);
  CHECK(lines_of(result) ==
        "t.yaml:1:1: warning: no provider account: there is no model to call\n"
        "t.yaml:1:1: warning: no user and no virtual account has a token: nobody can call\n");
}

TEST_CASE("tables beside each other have the same length") {
  Draft draft;
  for (const char* name : {"one", "two"}) {
    AccountDraft account;
    account.account.name = name;
    for (const char* model : {"a", "b", "c"}) {
      IntegrationDraft integration;
      integration.integration.name = model;
      integration.integration.model_id = model;
      account.integrations.push_back(std::move(integration));
    }
    draft.accounts.push_back(std::move(account));
  }
  Report report("t.yaml");
  const auto built = assemble(std::move(draft), report, kTestNow);
  REQUIRE(built);
  CHECK(built->accounts.size() == 2);
  CHECK(built->account_grants.size() == 2);
  CHECK(built->catalog.integrations().size() == 6);
  CHECK(built->integration_grants.size() == 6);
  CHECK(built->prices.size() == 6);
  CHECK(built->catalog.integrations()[5].account == 1);
  CHECK(built->catalog.integrations()[5].account_name == "two");
}

}  // namespace
}  // namespace tollgate::config
