#pragma once

// policy/ decides what a principal may do: pure functions over settings. May include base/ and
// model/.

#include <string>
#include <string_view>
#include <vector>

#include "model/principal.hpp"

namespace tollgate::policy {

/// Who may use a thing: subjects as "user:a@b", "team:x", "team:everyone", "virtualaccount:y", "*".
/// Empty: everyone who authenticates.
struct Grants {
  std::vector<std::string> subjects;
};

/// True when the subject string names this principal, one of its teams, or everyone. The older
/// spellings "virtual-account:" and "serviceaccount:" count as "virtualaccount:".
bool matches_subject(std::string_view subject, const model::Principal& principal);

bool may_use(const Grants& grants, const model::Principal& principal);

}  // namespace tollgate::policy
