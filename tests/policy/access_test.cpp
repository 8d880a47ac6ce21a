#include "policy/access.hpp"

#include "support/catch.hpp"

namespace tollgate::policy {
namespace {

using model::Principal;
using model::PrincipalKind;

const Principal kUser{PrincipalKind::kUser, "a@corp.example", {"everyone", "platform"}, {}};
const Principal kBot{PrincipalKind::kVirtualAccount, "ci-bot", {}, {}};
const Principal kStranger{};

struct SubjectCase {
  const char* subject;
  bool user;
  bool bot;
};

const SubjectCase kSubjects[] = {
    {"*", true, true},
    {"user:a@corp.example", true, false},
    {"user:b@corp.example", false, false},
    {"user:A@corp.example", false, false},
    {"user:ci-bot", false, false},
    {"user:", false, false},
    {"team:platform", true, false},
    {"team:plat", false, false},
    {"team:everyone", true, false},
    {"virtualaccount:ci-bot", false, true},
    {"virtual-account:ci-bot", false, true},
    {"serviceaccount:ci-bot", false, true},
    {"virtualaccount:a@corp.example", false, false},
    {"a@corp.example", false, false},
    {"role:admin", false, false},
    {"", false, false},
};

TEST_CASE("a subject names whom it names and nobody else") {
  for (const SubjectCase& row : kSubjects) {
    CAPTURE(row.subject);
    CHECK(matches_subject(row.subject, kUser) == row.user);
    CHECK(matches_subject(row.subject, kBot) == row.bot);
    CHECK_FALSE(matches_subject(row.subject, kStranger));
  }
}

TEST_CASE("no grants are open to everyone who authenticates") {
  CHECK(may_use({}, kUser));
  CHECK(may_use({}, kBot));
  CHECK_FALSE(may_use({}, kStranger));
}

TEST_CASE("one matching subject is enough") {
  const Grants grants{{"user:b@corp.example", "team:platform"}};
  CHECK(may_use(grants, kUser));
  CHECK_FALSE(may_use(grants, kBot));
  CHECK_FALSE(may_use(grants, kStranger));
}

}  // namespace
}  // namespace tollgate::policy
