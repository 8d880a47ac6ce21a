#include <utility>

#include "base/limits.hpp"
#include "base/sha256.hpp"
#include "config/document_types.hpp"
#include "config/names.hpp"
#include "config/references.hpp"

namespace tollgate::config {
namespace {

std::optional<int64_t> read_expiry(StrictMapping& token) {
  Reading& reading = token.reading();
  const std::optional<Value> value = token.take("expires");
  const std::optional<std::string> text = value ? read_string(reading, *value) : std::nullopt;
  if (!text) return std::nullopt;
  int64_t wall_ms = 0;
  if (!parse_rfc3339(*text, wall_ms)) {
    reading.report.error(value->place(), "must be a date as 2026-12-31 or 2026-12-31T18:00:00Z");
    return std::nullopt;
  }
  if (wall_ms <= reading.now.wall_ms) {
    reading.report.warning(value->place(), "this token expired at " + format_rfc3339(wall_ms));
  }
  return wall_ms;
}

/// What a token begins with, where the configuration says it: never so much that it is the token.
std::string read_prefix(StrictMapping& token) {
  constexpr size_t kPrefixBytesMax = 40;
  const std::optional<Value> value = token.take("prefix");
  if (!value) return {};
  std::optional<std::string> text = read_string(token.reading(), *value);
  if (!text) return {};
  if (!is_plain_name(*text, kPrefixBytesMax)) {
    token.reading().report.error(value->place(), "must be the token's first characters, at most " +
                                                     std::to_string(kPrefixBytesMax) +
                                                     ", as they are printed " + "beside its hash");
    return {};
  }
  return std::move(*text);
}

/// The hash of {sha256: HEX} or {env: NAME}. `prefix` is filled in from the variable's value.
std::optional<Sha256> read_hash(StrictMapping& token, std::string& prefix) {
  Reading& reading = token.reading();
  const std::optional<Value> hex = token.take("sha256");
  const std::optional<Value> env = token.take("env");
  if (hex.has_value() == env.has_value()) {
    if (token.valid()) {
      reading.report.error(token.where().place(), "must have one of sha256 and env");
    }
    return std::nullopt;
  }
  if (env) {
    const std::optional<std::string> name = read_string(reading, *env);
    const std::optional<Secret> value =
        name ? variable(*name, env->place(), reading.lookup, reading.report) : std::nullopt;
    const Result<Sha256> hash = sha256(value ? value->reveal() : std::string_view());
    if (!value || !hash.ok()) return std::nullopt;
    if (prefix.empty()) prefix = identity::shown_prefix(value->reveal());
    return hash.value();
  }
  const std::optional<Secret> text = read_secret(reading, *hex);
  Sha256 hash{};
  if (!text) return std::nullopt;
  if (!from_hex(text->reveal(), hash)) {
    reading.report.error(hex->place(), "must be the 64 hexadecimal digits of a token's SHA-256");
    return std::nullopt;
  }
  return hash;
}

std::vector<TokenDraft> read_tokens(StrictMapping& document) {
  std::vector<TokenDraft> tokens;
  for (const Value& item : document.list("tokens")) {
    StrictMapping token(document.reading(), item, Quoting::kHideKeys);
    std::string prefix = read_prefix(token);
    const std::optional<Sha256> hash = read_hash(token, prefix);
    const std::optional<int64_t> expires_ms = read_expiry(token);
    token.done();
    if (hash) tokens.push_back({{*hash, expires_ms, std::move(prefix)}, item.place()});
  }
  return tokens;
}

/// Takes `expiration_date`: nobody is let in as this account after it.
void end_access(StrictMapping& document, CallerDraft& account) {
  const std::optional<Value> value = document.take("expiration_date");
  const std::optional<std::string> text =
      value ? read_string(document.reading(), *value) : std::nullopt;
  if (!text) return;
  int64_t wall_ms = 0;
  if (!parse_rfc3339(*text, wall_ms)) {
    document.reading().report.error(value->place(),
                                    "must be a date as 2026-12-31 or 2026-12-31T18:00:00Z");
    return;
  }
  account.expires_ms = wall_ms;
  for (TokenDraft& draft : account.tokens) {
    std::optional<int64_t>& expires = draft.token.expires_ms;
    if (!expires || *expires > wall_ms) expires = wall_ms;
  }
}

/// String pairs with the bounds that request metadata has.
model::Metadata read_tags(Reading& reading, const Value& value) {
  model::Metadata tags;
  for (const Entry& entry : read_entries(reading, value)) {
    std::optional<std::string> text = read_string(reading, entry.value);
    if (!text) continue;
    if (!is_plain_name(entry.key, limits::kMetadataValueBytesMax) ||
        text->size() > limits::kMetadataValueBytesMax) {
      reading.report.error(entry.value.place(),
                           "tags have keys without spaces and values of at most " +
                               std::to_string(limits::kMetadataValueBytesMax) + " bytes");
      continue;
    }
    tags.emplace_back(entry.key, std::move(*text));
  }
  if (tags.size() > limits::kMetadataKeysMax) {
    reading.report.error(value.place(),
                         "more than " + std::to_string(limits::kMetadataKeysMax) + " tags");
  }
  return tags;
}

std::vector<NameUse> read_people(StrictMapping& team, std::string_view key) {
  std::vector<NameUse> people;
  for (const Value& item : team.list(key)) {
    std::optional<std::string> name = read_string(team.reading(), item);
    if (name) people.push_back({std::move(*name), item.place()});
  }
  return people;
}

}  // namespace

void read_user(StrictMapping& document, Draft& draft) {
  std::optional<ReadName> name = read_name(document);
  std::vector<TokenDraft> tokens = read_tokens(document);
  if (name) {
    draft.users.push_back({std::move(name->name), {}, std::move(tokens), std::move(name->place)});
  }
}

void read_team(StrictMapping& document, Draft& draft) {
  Reading& reading = document.reading();
  std::optional<ReadName> name = read_name(document);
  TeamDraft team;
  team.members = read_people(document, "members");
  team.managers = read_people(document, "managers");
  if (const std::optional<Value> tags = document.take("tags")) {
    read_tags(reading, *tags);
    reading.report.warning(tags->place(), "tags of a team have no effect in this version");
  }
  document.take("ownedBy");
  team.claims = read_claim_mappings(document);
  if (!name) return;
  if (name->name == identity::kEveryone) {
    reading.report.error(name->place, "the team everyone is built in: it holds all users");
  }
  team.name = std::move(name->name);
  team.place = std::move(name->place);
  draft.teams.push_back(std::move(team));
}

void read_virtual_account(StrictMapping& document, Draft& draft) {
  Reading& reading = document.reading();
  std::optional<ReadName> name = read_name(document);
  CallerDraft account;
  account.tokens = read_tokens(document);
  if (const std::optional<Value> tags = document.take("tags")) {
    account.tags = read_tags(reading, *tags);
  }
  if (const std::optional<Value> permissions = document.take("permissions")) {
    reading.report.warning(permissions->place(),
                           "permissions have no effect in this version: who may call is decided "
                           "by the accounts' collaborators and authorized_subjects alone");
  }
  document.take("ownedBy");
  end_access(document, account);
  account.claims = read_claim_mappings(document);
  for (const char* key : {"auto_rotate", "secret_store_config", "token_type"}) {
    if (const std::optional<Value> value = document.take(key)) {
      reading.report.warning(value->place(),
                             "has no effect in this version: tokens are made by \"tollgate keys "
                             "new\" and listed in tokens, an old one with the date it expires on");
    }
  }
  if (!name) return;
  account.name = std::move(name->name);
  account.place = std::move(name->place);
  draft.virtual_accounts.push_back(std::move(account));
}

}  // namespace tollgate::config
