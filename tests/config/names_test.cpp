#include "config/names.hpp"

#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

TEST_CASE("account names are letters, digits and hyphens") {
  for (const char* name : {"abc", "anthropic-main", "A1-", "-ab"})
    CHECK(is_account_name(name));
  for (const std::string& name :
       {std::string("ab"), std::string("1abc"), std::string("a/b"), std::string("a_b"),
        std::string("a b"), std::string(), std::string(65, 'a')}) {
    CAPTURE(name);
    CHECK_FALSE(is_account_name(name));
  }
  CHECK(is_account_name(std::string(64, 'a')));
}

TEST_CASE("plain names have no spaces and no control characters") {
  CHECK(is_plain_name("dev-1@corp.example"));
  CHECK(is_plain_name("m\u00fcller"));
  CHECK_FALSE(is_plain_name(""));
  CHECK_FALSE(is_plain_name("a b"));
  CHECK_FALSE(is_plain_name("a\r\nb"));
  CHECK_FALSE(is_plain_name("abcd", 3));
}

std::string account_with(const std::string& line) {
  return "type: provider-account/anthropic\nname: main\n" + line +
         "\nintegrations: [{name: a, model_id: b}]\n";
}

const FindingCase kCollaborators[] = {
    {"everyone", R"(collaborators: [{subject: "*", role_id: provider-account-access}])", ""},
    {"the built-in team",
     R"(collaborators: [{subject: "team:everyone", role_id: provider-account-manager}])", ""},
    {"an unknown role", R"(collaborators: [{subject: "*", role_id: provider-account-acess}])",
     "t.yaml:3:41: collaborators[0].role_id: must be one of provider-account-access, "
     "provider-account-manager, found is provider-account-acess (did you mean "
     "provider-account-access?)\n"},
    {"no subject and no role", "collaborators: [{}]",
     "t.yaml:3:17: collaborators[0].subject: is required\n"
     "t.yaml:3:17: collaborators[0].role_id: is required\n"},
    {"an e-mail address alone",
     "collaborators: [{subject: a@b.c, role_id: provider-account-access}]",
     "t.yaml:3:27: collaborators[0].subject: must be user:NAME, team:NAME, virtualaccount:NAME, "
     "role:NAME or "
     "\"*\" (did you mean user:a@b.c?)\n"},
    {"a kind for later",
     "collaborators: [{subject: 'agent-identity:a', role_id: provider-account-access}]",
     "t.yaml:3:27: collaborators[0].subject: subjects of the kind agent-identity: are not "
     "supported "
     "by this version of tollgate\n"},
    {"a role nobody has",
     "collaborators: [{subject: 'role:dev', role_id: provider-account-access}]",
     "t.yaml:3:27: collaborators[0].subject: warning: no role-binding gives anybody this role: it "
     "lets nobody in\n"},
    {"a name nobody has",
     "collaborators: [{subject: 'team:nobody', role_id: provider-account-access}]",
     "t.yaml:3:27: collaborators[0].subject: warning: no document defines this subject: it lets "
     "nobody in\n"},
    {"an empty list", "collaborators: []",
     "t.yaml:3:16: collaborators: warning: an empty list is as no list: everyone who authenticates "
     "has access\n"},
};

TEST_CASE("collaborators are subjects with a role") {
  for (const FindingCase& row : kCollaborators) {
    CAPTURE(row.name);
    CHECK(findings_of(load_text(account_with(std::string(row.text)))) == row.findings);
  }
}

TEST_CASE("grants keep to their account and model") {
  const LoadResult result = load_text(
      "type: provider-account/anthropic\n"
      "name: main\n"
      "collaborators: [{subject: 'team:everyone', role_id: provider-account-access}]\n"
      "integrations:\n"
      "  - {name: a, model_id: a1}\n"
      "  - {name: b, model_id: b1, authorized_subjects: ['user:x@y.z', 'virtual-account:bot']}\n");
  REQUIRE(result.configuration);
  const Configuration& loaded = *result.configuration;
  using Subjects = std::vector<std::string>;
  CHECK(loaded.account_grants.at(0).subjects == Subjects{"team:everyone"});
  CHECK(loaded.integration_grants.at(0).subjects.empty());
  CHECK(loaded.integration_grants.at(1).subjects == Subjects{"user:x@y.z", "virtual-account:bot"});
}

}  // namespace
}  // namespace tollgate::config
