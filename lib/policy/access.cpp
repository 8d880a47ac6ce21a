#include "policy/access.hpp"

#include <algorithm>

namespace tollgate::policy {
namespace {

/// True, with the rest in `name`, when `subject` begins with "kind:".
bool cut_kind(std::string_view subject, std::string_view kind, std::string_view& name) {
  if (!subject.starts_with(kind)) return false;
  name = subject.substr(kind.size());
  return true;
}

}  // namespace

bool matches_subject(std::string_view subject, const model::Principal& principal) {
  // "*" means everyone who authenticates, and nobody else.
  if (principal.kind == model::PrincipalKind::kAnonymous) return false;
  if (subject == "*") return true;
  std::string_view name;
  if (cut_kind(subject, "user:", name)) {
    return principal.kind == model::PrincipalKind::kUser && principal.name == name;
  }
  if (cut_kind(subject, "team:", name)) {
    return std::find(principal.teams.begin(), principal.teams.end(), name) != principal.teams.end();
  }
  if (cut_kind(subject, "virtualaccount:", name) || cut_kind(subject, "virtual-account:", name) ||
      cut_kind(subject, "serviceaccount:", name)) {
    return principal.kind == model::PrincipalKind::kVirtualAccount && principal.name == name;
  }
  return false;
}

bool may_use(const Grants& grants, const model::Principal& principal) {
  if (principal.kind == model::PrincipalKind::kAnonymous) return false;
  if (grants.subjects.empty()) return true;
  return std::any_of(
      grants.subjects.begin(), grants.subjects.end(),
      [&](const std::string& subject) { return matches_subject(subject, principal); });
}

}  // namespace tollgate::policy
