#pragma once

// providers/ knows who serves a dialect: endpoint, credentials, quirks; a small folder each. Mostly
// data. May include dialects/ and everything below.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/secret.hpp"

namespace tollgate::providers {

enum class AuthKind : uint8_t {
  kClientPassThrough,  ///< No key: the client's own Authorization goes upstream.
  kApiKey,             ///< As the provider's own header has it.
  kBearer,             ///< Authorization: Bearer.
  kBasic,              ///< Authorization: Basic; the credential is "user:password" in base64.
  kNone,               ///< The server asks for none (on-prem).
  kAwsKeys,            ///< SigV4 with access_key_id, credential (the secret key), session_token.
  kAwsInstance,        ///< The same with the keys of the instance's role.
  kAwsContainer,       ///< With those of the container's; credential (may be empty) asks for them.
  kAwsWebIdentity,     ///< With those that credential, a token, is exchanged for.
  kGoogleKeyFile,      ///< A service account's key, exchanged for an access token.
  kGoogleMetadata,     ///< The metadata server's access token.
  kGoogleFederated,    ///< Another issuer's token, exchanged for an access token.
  kGoogleUser,         ///< A person's refresh token, exchanged for an access token.
  kEntra,              ///< Azure: client credentials, exchanged for an access token.
  kEntraFederated,     ///< The same with a token of another issuer in place of the secret.
  kAzureManaged        ///< Azure: the access token of the machine's identity.
};

class Provider;

/// How keys of AWS become those of a role.
struct AwsRoles {
  std::string web_identity_role_arn;
  std::string assumed_role_arn;  ///< Taken on with the account's keys; may be empty.
  std::string external_id;       ///< For it; may be empty.
  std::string session_name;      ///< How AWS's records name the sessions.
  std::string sts_url;           ///< Empty: the region's.
};

/// One provider account of the configuration.
struct Account {
  std::string name;
  std::string type;      ///< "anthropic": the part behind "provider-account/".
  std::string base_url;  ///< Without a slash at its end.
  AuthKind auth = AuthKind::kClientPassThrough;
  Secret credential;
  std::string access_key_id;      ///< kAwsKeys.
  Secret session_token;           ///< kAwsKeys; may be empty. kGoogleUser: client_secret.
  std::string client_email;       ///< kGoogleKeyFile: client_email; kEntra, kGoogleUser: client_id.
  std::string key_id;             ///< kGoogleKeyFile: private_key_id; kEntra: tenant_id.
  std::string impersonation_url;  ///< kGoogleFederated: for a service account; may be empty.
  std::string quota_project;      ///< kGoogleUser: the project that pays; may be empty.
  std::string token_uri;          ///< Who gives the token, or AWS's keys; may be empty.
  AwsRoles aws;
  std::string scope;   ///< kEntra: what the token is for; empty: the provider's own.
  std::string server;  ///< Self-hosted: the kind of server; empty: the type tells.
  std::string region;
  std::string project_id;                                    ///< Google.
  std::string api_version;                                   ///< Azure.
  std::vector<std::pair<std::string, std::string>> headers;  ///< Added to every upstream request.
  std::string ca_file;
  std::string client_cert_file;
  std::string client_key_file;
  std::string proxy;
  bool deny_private = false;
  bool tls_unverified = false;
  uint64_t first_byte_timeout_ns = 0;  ///< 0: the library's own.
  uint64_t idle_timeout_ns = 0;        ///< 0: the library's own.
  uint64_t check_interval_ns = 0;      ///< 0: nobody checks whether it answers.
  std::string check_url;               ///< Empty: the root of base_url.
  const Provider* provider = nullptr;  ///< Who serves it; null: found by type.
};

}  // namespace tollgate::providers
