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
  kBearer              ///< Authorization: Bearer.
};

class Provider;

/// One provider account of the configuration.
struct Account {
  std::string name;
  std::string type;      ///< "anthropic": the part behind "provider-account/".
  std::string base_url;  ///< Without a slash at its end.
  AuthKind auth = AuthKind::kClientPassThrough;
  Secret credential;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Added to every upstream request.
  std::string ca_file;
  std::string client_cert_file;
  std::string client_key_file;
  std::string proxy;
  bool deny_private = false;
  bool tls_unverified = false;
  uint64_t first_byte_timeout_ns = 0;  ///< 0: the library's own.
  uint64_t idle_timeout_ns = 0;        ///< 0: the library's own.
  const Provider* provider = nullptr;  ///< Who serves it; null: found by type.
};

}  // namespace tollgate::providers
