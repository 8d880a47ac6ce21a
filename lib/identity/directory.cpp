#include "identity/directory.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tollgate::identity {
namespace {

/// Adds a team once: a manager may be listed as a member too.
void join(model::Principal& principal, const std::string& team) {
  for (const std::string& known : principal.teams) {
    if (known == team) return;
  }
  principal.teams.push_back(team);
}

std::string holder_of(const model::Principal& principal) {
  const bool user = principal.kind == model::PrincipalKind::kUser;
  return (user ? "user " : "virtual account ") + principal.name;
}

}  // namespace

std::string_view shown_prefix(std::string_view token) {
  // Of a token as `tollgate keys new` makes them: its own prefix and five letters of 43.
  constexpr size_t kShownBytes = 8;
  return token.substr(0, std::min(kShownBytes, token.size() / 4));
}

size_t Directory::HashOfHash::operator()(const Sha256& hash) const {
  // The digest is well spread already; who calls cannot choose its bits.
  size_t word = 0;
  std::memcpy(&word, hash.data(), sizeof(word));
  return word;
}

Status Directory::add_tokens(const std::vector<Token>& tokens) {
  const auto index = static_cast<uint32_t>(principals_.size() - 1);
  for (const Token& token : tokens) {
    const auto [known, added] =
        tokens_.try_emplace(token.hash, Entry{index, token.expires_ms, token.prefix});
    if (added) continue;
    const model::Principal& first = principals_[known->second.principal];
    if (known->second.principal == index) {
      return invalid(holder_of(first) + " holds the same token twice");
    }
    return invalid(holder_of(first) + " and " + holder_of(principals_[index]) +
                   " hold the same token");
  }
  return {};
}

Result<Directory> Directory::build(const std::vector<User>& users, const std::vector<Team>& teams,
                                   const std::vector<VirtualAccount>& virtual_accounts) {
  Directory directory;
  directory.principals_.reserve(users.size() + virtual_accounts.size());
  std::unordered_map<std::string_view, uint32_t> user_index;
  for (const User& user : users) {
    user_index.emplace(user.name, static_cast<uint32_t>(directory.principals_.size()));
    directory.principals_.push_back(
        {model::PrincipalKind::kUser, user.name, {std::string(kEveryone)}, {}});
    Status added = directory.add_tokens(user.tokens);
    if (!added.ok()) return added;
  }
  for (const Team& team : teams) {
    for (const auto* people : {&team.members, &team.managers}) {
      for (const std::string& name : *people) {
        const auto found = user_index.find(name);
        if (found != user_index.end()) join(directory.principals_[found->second], team.name);
      }
    }
  }
  for (const VirtualAccount& account : virtual_accounts) {
    directory.principals_.push_back(
        {model::PrincipalKind::kVirtualAccount, account.name, {}, account.tags});
    Status added = directory.add_tokens(account.tokens);
    if (!added.ok()) return added;
  }
  return directory;
}

Authentication Directory::authenticate(std::string_view token, Time now) const {
  if (token.empty()) return {};
  const Result<Sha256> hash = sha256(token);
  if (!hash.ok()) return {};
  const auto found = tokens_.find(hash.value());
  if (found == tokens_.end()) return {};
  const Entry& entry = found->second;
  if (entry.expires_ms && now.wall_ms >= *entry.expires_ms) {
    return {Verdict::kExpired, nullptr, entry.prefix, *entry.expires_ms};
  }
  return {Verdict::kAccepted, &principals_[entry.principal], entry.prefix, 0};
}

const model::Principal* Directory::find(std::string_view subject) const {
  for (const model::Principal& principal : principals_) {
    if (principal.subject() == subject) return &principal;
  }
  return nullptr;
}

}  // namespace tollgate::identity
