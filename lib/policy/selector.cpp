#include "policy/selector.hpp"

#include <algorithm>

#include "policy/access.hpp"

namespace tollgate::policy {

bool matches_pattern(std::string_view pattern, std::string_view text) {
  // On a mismatch only the last star can take one character more: linear in both for a bounded
  // number of stars, and without recursion.
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

NameSet::NameSet(const std::vector<std::string>& names) {
  for (const std::string& name : names)
    (name.find('*') == std::string::npos ? few_ : patterns_).push_back(name);
  if (few_.size() <= kFew) return;
  names_.insert(few_.begin(), few_.end());
  few_.clear();
}

bool NameSet::contains(std::string_view name) const {
  if (std::find(few_.begin(), few_.end(), name) != few_.end()) return true;
  if (!names_.empty() && names_.contains(name)) return true;
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const std::string& pattern) { return matches_pattern(pattern, name); });
}

std::string_view metadata_value(const model::Metadata& values, std::string_view key) {
  for (const auto& [name, value] : values) {
    if (name == key) return value;
  }
  return {};
}

bool Selector::matches_principal(const model::Principal& principal) const {
  if (!subjects.empty()) {
    const bool named = std::any_of(
        subjects.begin(), subjects.end(),
        [&](const std::string& subject) { return matches_subject(subject, principal); });
    if (!named) return false;
  }
  const bool is_user = principal.kind == model::PrincipalKind::kUser;
  const bool is_account = principal.kind == model::PrincipalKind::kVirtualAccount;
  const auto in_team = [&](const NameSet& names) {
    return std::any_of(principal.teams.begin(), principal.teams.end(),
                       [&](const std::string& team) { return names.contains(team); });
  };
  if (is_user && users.not_in.contains(principal.name)) return false;
  if (is_account && virtual_accounts.not_in.contains(principal.name)) return false;
  if (!teams.not_in.empty() && in_team(teams.not_in)) return false;
  if (!users.has_in && !teams.has_in && !virtual_accounts.has_in) return true;
  return (is_user && users.has_in && users.in.contains(principal.name)) ||
         (is_account && virtual_accounts.has_in && virtual_accounts.in.contains(principal.name)) ||
         (teams.has_in && in_team(teams.in));
}

bool Selector::matches_metadata(const model::Metadata& values) const {
  return std::all_of(metadata.begin(), metadata.end(), [&](const auto& wanted) {
    const std::string_view value = metadata_value(values, wanted.first);
    return wanted.second.passes(value);
  });
}

bool Selector::matches_target(const TargetNames& names) const {
  if (has_accounts && !accounts.passes(names.account)) return false;
  if (!has_models) return true;
  bool named = !models.has_in;
  for (const std::string_view name : {names.target, names.virtual_model, names.requested}) {
    if (name.empty()) continue;
    if (models.not_in.contains(name)) return false;
    named = named || models.in.contains(name);
  }
  return named;
}

}  // namespace tollgate::policy
