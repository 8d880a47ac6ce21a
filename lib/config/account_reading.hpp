#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "config/draft.hpp"
#include "config/reading.hpp"

// Provider accounts: what is the same for all of them. A file read_<family>_account.cpp gives the
// rest as data and hooks; account_types.cpp lists them.
namespace tollgate::config {

/// One form of `auth_data`: its `type`, and what takes the rest of its keys.
struct AuthForm {
  std::string_view type;
  void (*read)(StrictMapping& auth, providers::Account& account);
};

/// How the accounts of one type are written.
struct AccountType {
  std::string_view type;      ///< Behind "provider-account/".
  std::string_view base_url;  ///< The default; empty: see base_url_required.
  /// Without a default: whether the account must have one. False where the provider derives it.
  bool base_url_required = false;
  std::span<const AuthForm> auth_forms = {};
  /// What an account without `auth_data` is; absent: `auth_data` is required.
  std::optional<providers::AuthKind> without_auth = {};
  /// Values of `integrations[].type` behind "integration/model/".
  std::span<const std::string_view> model_kinds = {};
  std::span<const std::string_view> apis = {};  ///< Values of `integrations[].api`.
  std::string_view model_id_alias = {};         ///< Another key for `model_id`.
  bool has_region = false;                      ///< `region` on the account and on its models.
  bool has_deployments = false;                 ///< `deployment` on models, `api_version` on both.
  /// Takes the keys that only these accounts have; before base_url is found missing.
  void (*read_more)(StrictMapping& document, AccountDraft& out) = nullptr;
  /// Takes the keys that only these accounts' models have.
  void (*read_model)(StrictMapping& model, const AccountDraft& account,
                     IntegrationDraft& out) = nullptr;
};

/// Reads a document of this type into the draft.
void read_account(const AccountType& type, StrictMapping& document, Draft& draft);

/// The readers of `auth_data` that several types share: api_key, access_token, bearer_token.
void read_api_key(StrictMapping& auth, providers::Account& account);
void read_access_token(StrictMapping& auth, providers::Account& account);
void read_bearer_token(StrictMapping& auth, providers::Account& account);
/// The required secret of a form, as the account's credential.
void read_credential(StrictMapping& auth, std::string_view key, providers::Account& account);

/// Takes `auth_data` in one of the forms. False when there is none.
bool read_auth(StrictMapping& holder, std::span<const AuthForm> forms, providers::Account& account);
/// Takes an URL as base_url has it.
void read_url(StrictMapping& holder, std::string_view key, providers::Account& account);
/// Gives a URL without a path this one.
void add_path_if_bare(std::string_view path, providers::Account& account);
void read_headers(StrictMapping& holder, providers::Account& account);
/// What a header may be called.
bool is_header_name(std::string_view name);
/// Headers that a connection or a credential owns; `auth_data` is the one way to give a key.
bool is_reserved_header(std::string_view name);
void read_tls(StrictMapping& holder, providers::Account& account);

}  // namespace tollgate::config
