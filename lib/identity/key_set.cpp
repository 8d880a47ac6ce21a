#include "identity/key_set.hpp"

#include <optional>
#include <utility>

#include "base/base64.hpp"
#include "base/limits.hpp"
#include "base/public_key.hpp"
#include "json/reader.hpp"

namespace tollgate::identity {
namespace {

std::optional<std::string> number_of(json::Value key, std::string_view name) {
  const auto text = key[name].string();
  return text ? base64url_decode(*text) : std::nullopt;
}

std::optional<PublicKey> read_key(json::Value value) {
  const std::string_view use = value["use"].string_or("sig");
  const std::string_view type = value["kty"].string_or("");
  const std::string_view algorithm = value["alg"].string_or("");
  PublicKey key;
  key.id = value["kid"].string_or("");
  const bool rsa = type == "RSA" && (algorithm.empty() || algorithm == "RS256");
  const bool curve = type == "EC" && value["crv"].string_or("") == "P-256";
  if (use != "sig" || !(rsa || curve)) return std::nullopt;
  key.algorithm = rsa ? "RS256" : "ES256";
  std::optional<std::string> first = number_of(value, rsa ? "n" : "x");
  std::optional<std::string> second = number_of(value, rsa ? "e" : "y");
  if (!first || !second) return std::nullopt;
  key.first = std::move(*first);
  key.second = std::move(*second);
  return key;
}

}  // namespace

Result<std::vector<PublicKey>> parse_key_set(std::string_view text) {
  json::Document document;
  const Result<json::Value> set = document.parse(text);
  if (!set.ok() || !set.value()["keys"].is_array()) return invalid("the answer is no key set");
  std::vector<PublicKey> keys;
  for (const json::Value value : set.value()["keys"].elements()) {
    if (keys.size() >= limits::kIssuerKeysMax) {
      return Status(Code::kLimit, "the key set holds too many keys");
    }
    if (std::optional<PublicKey> key = read_key(value)) keys.push_back(std::move(*key));
  }
  return keys;
}

bool has_key(const Jwt& jwt, const std::vector<PublicKey>& keys) {
  if (jwt.key_id.empty()) return !keys.empty();
  for (const PublicKey& key : keys) {
    if (key.id == jwt.key_id) return true;
  }
  return false;
}

bool is_signed_by(const Jwt& jwt, const std::vector<PublicKey>& keys) {
  for (const PublicKey& key : keys) {
    if (key.algorithm != jwt.algorithm) continue;
    if (!jwt.key_id.empty() && key.id != jwt.key_id) continue;
    const auto verify = key.algorithm == "RS256" ? verify_rs256 : verify_es256;
    if (verify(key.first, key.second, jwt.signing_input, jwt.signature)) return true;
  }
  return false;
}

}  // namespace tollgate::identity
