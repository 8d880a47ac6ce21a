#include "model/principal.hpp"

#include "support/catch.hpp"

namespace tollgate::model {
namespace {

struct SubjectCase {
  PrincipalKind kind;
  const char* name;
  const char* subject;
};

const SubjectCase kSubjectCases[] = {
    {PrincipalKind::kUser, "dev-1@corp.example", "user:dev-1@corp.example"},
    {PrincipalKind::kVirtualAccount, "ci-bot", "virtualaccount:ci-bot"},
    {PrincipalKind::kAnonymous, "", "anonymous"},
    {PrincipalKind::kAnonymous, "a name means nothing here", "anonymous"},
};

TEST_CASE("the subject of a principal") {
  for (const SubjectCase& row : kSubjectCases) {
    Principal principal;
    principal.kind = row.kind;
    principal.name = row.name;
    CHECK(principal.subject() == row.subject);
  }
}

}  // namespace
}  // namespace tollgate::model
