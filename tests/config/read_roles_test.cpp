#include "config/names.hpp"
#include "config/support.hpp"
#include "policy/access.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

model::Principal user(std::string name, std::vector<std::string> teams = {"everyone"}) {
  return {model::PrincipalKind::kUser, std::move(name), std::move(teams), {}};
}

const std::string kPeople =
    "type: user\nname: ann\n---\ntype: user\nname: bob\n---\n"
    "type: team\nname: leads\nmembers: [bob]\n---\n"
    "type: virtual-account\nname: ci-bot\n---\n";

// Behind the documents that name the role: their order says nothing.
const std::string kBinding =
    "---\ntype: role\nname: auditor\n---\n"
    "type: role-binding\nname: auditors\n"
    "subjects: [{type: user, name: ann}, {type: virtualaccount, name: ci-bot}]\n"
    "permissions: [{resourceType: tenant, resourceFqn: 'tenant:corp', role: auditor}]\n---\n"
    "type: role-binding\nname: more\nsubjects: [{type: team, name: leads}, {type: user, name: "
    "ann}]\n"
    "permissions: [{role: auditor}]\n";

TEST_CASE("a role stands for those whom bindings give it, wherever subjects are named") {
  const LoadResult result = load_text(
      kPeople +
      "type: provider-account/anthropic\nname: main\n"
      "collaborators: [{subject: 'role:auditor', role_id: provider-account-access}]\n"
      "integrations:\n  - {name: a, model_id: a1, authorized_subjects: ['role:auditor']}\n---\n"
      "name: limits\ntype: gateway-rate-limiting-config\n"
      "rules: [{id: few, when: {subjects: ['role:auditor']}, limit_to: 1, unit: "
      "requests_per_day}]\n"
      "---\nname: forced\ntype: gateway-metadata-config\n"
      "rules: [{id: mark, when: {subjects: ['role:auditor']}, metadata_override: {kind: "
      "audit}}]\n" +
      kBinding);
  CAPTURE(lines_of(result));
  REQUIRE(result.configuration);
  CHECK(findings_of(result).empty());
  const Configuration& loaded = *result.configuration;
  struct Row {
    const char* name;
    model::Principal principal;
    bool has_role;
  };
  const Row rows[] = {
      {"a user", user("ann"), true},
      {"a user without it", user("bob"), false},
      {"a member of a team", user("bob", {"everyone", "leads"}), true},
      {"a virtual account", {model::PrincipalKind::kVirtualAccount, "ci-bot", {}, {}}, true},
      {"a user of the account's name", user("ci-bot"), false},
      {"a team of the role's name", user("bob", {"auditor"}), false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(policy::may_use(loaded.account_grants.at(0), row.principal) == row.has_role);
    CHECK(policy::may_use(loaded.integration_grants.at(0), row.principal) == row.has_role);
    CHECK(loaded.forced_metadata.at(0).when.matches_principal(row.principal) == row.has_role);
    const model::Metadata metadata;
    const policy::Caller caller{&row.principal, &metadata, {}, {}, {}};
    policy::Matches matches;
    loaded.rules.match(policy::Phase::kPrincipal, caller, {}, matches);
    CHECK(matches.all.empty() != row.has_role);
  }
}

TEST_CASE("a role that nobody has lets nobody in") {
  const LoadResult result = load_text(
      "type: provider-account/anthropic\nname: main\n"
      "collaborators: [{subject: 'role:auditor', role_id: provider-account-access}]\n"
      "integrations: [{name: a, model_id: a1}]\n---\ntype: role\nname: auditor\n");
  REQUIRE(result.configuration);
  CHECK(findings_of(result) ==
        "t.yaml:3:27: collaborators[0].subject: warning: no role-binding gives anybody this role: "
        "it lets nobody in\n");
  CHECK_FALSE(policy::may_use(result.configuration->account_grants.at(0), user("ann")));
}

TEST_CASE("role names are as the reference has them") {
  for (const char* name : {"abc", "a-1", "auditor", "a2345678901234567890123456789012345"})
    CHECK(is_role_name(name));
  for (const char* name : {"", "ab", "1bc", "Abc", "ab-", "a_b", "-ab", "a b",
                           "a23456789012345678901234567890123456"}) {
    CAPTURE(name);
    CHECK_FALSE(is_role_name(name));
  }
}

const FindingCase kFaults[] = {
    {"what a role may do is not looked at",
     "type: role\nname: dev\npermissions: ['provider-account:UseIntegrations']\n",
     "t.yaml:3:14: permissions: warning: a role is a name for subjects here: its permissions are "
     "granted by collaborators and authorized_subjects alone\n"},
    {"a name", "type: role\nname: Dev\n",
     "t.yaml:2:7: name: must be 3 to 35 lower-case letters, digits and hyphens, a letter first and "
     "no hyphen last\n"},
    {"a subject nobody is",
     "type: role-binding\nsubjects: [{type: user, name: x}]\npermissions: [{role: dev}]\n",
     "t.yaml:2:12: subjects[0]: warning: no document defines this subject: it lets nobody in\n"},
    {"a kind of subject",
     "type: role-binding\nsubjects: [{type: external-identity, name: x}]\n"
     "permissions: [{role: dev}]\n",
     "t.yaml:2:12: subjects[0]: external identities have no roles in this version of tollgate: map "
     "them to a user, team or virtual account\n"},
    {"a resource",
     "type: role-binding\nsubjects: []\n"
     "permissions: [{resourceType: provider-account, resourceFqn: 'a:b', role: dev}]\n",
     "t.yaml:3:15: permissions[0]: warning: a binding grants nothing on a resource: who may call "
     "is "
     "said by collaborators and authorized_subjects, which may name role:dev\n"},
    {"nothing", "type: role-binding\n",
     "t.yaml:1:1: subjects: is required\nt.yaml:1:1: permissions: is required\n"},
};

TEST_CASE("faults of roles are reported where they stand") {
  for (const FindingCase& row : kFaults) {
    CAPTURE(row.name);
    CHECK(findings_of(load_text(row.text)) == row.findings);
  }
}

}  // namespace
}  // namespace tollgate::config
