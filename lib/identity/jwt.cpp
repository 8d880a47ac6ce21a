#include "identity/jwt.hpp"

#include <cmath>
#include <utility>

#include "base/base64.hpp"
#include "base/limits.hpp"
#include "json/reader.hpp"

namespace tollgate::identity {
namespace {

struct Pieces {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
};

std::optional<Pieces> cut(std::string_view token) {
  const size_t first = token.find('.');
  const size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return Pieces{token.substr(0, first), token.substr(first + 1, second - first - 1),
                token.substr(second + 1)};
}

Status read_header(std::string_view text, Jwt& jwt) {
  json::Document document;
  const Result<json::Value> header = document.parse(text);
  if (!header.ok() || !header.value().is_object()) return invalid("its header is no JSON object");
  if (header.value()["crit"].exists()) return invalid("its header asks for unknown extensions");
  jwt.algorithm = header.value()["alg"].string_or("");
  jwt.key_id = header.value()["kid"].string_or("");
  return Status();
}

/// A second that no clock will show; sums with it do not overflow.
constexpr int64_t kNever = 1'000'000'000'000'000;

/// Nothing for what is no time, or farther from every clock.
std::optional<int64_t> seconds_of(json::Value value) {
  const auto number = value.number();
  if (!number || !(std::abs(*number) < static_cast<double>(kNever))) return std::nullopt;
  return static_cast<int64_t>(*number);
}

void add_strings(json::Value value, std::vector<std::string>& out) {
  if (const auto text = value.string()) out.emplace_back(*text);
  for (const json::Value element : value.elements()) {
    if (out.size() >= limits::kClaimValuesMax) return;
    if (const auto text = element.string()) out.emplace_back(*text);
  }
}

Status read_payload(Jwt& jwt) {
  json::Document document;
  const Result<json::Value> claims = document.parse(jwt.claims);
  if (!claims.ok() || !claims.value().is_object()) return invalid("its payload is no JSON object");
  jwt.issuer = claims.value()["iss"].string_or("");
  add_strings(claims.value()["aud"], jwt.audiences);
  jwt.expires_s = seconds_of(claims.value()["exp"]);
  if (const json::Value begin = claims.value()["nbf"]; begin.exists()) {
    // One that cannot be read never comes.
    jwt.not_before_s = seconds_of(begin).value_or(kNever);
  }
  return Status();
}

}  // namespace

bool looks_like_jwt(std::string_view token) {
  // "eyJ" is how every base64 of {" begins.
  return token.starts_with("eyJ") && token.size() <= limits::kJwtBytesMax && cut(token).has_value();
}

Result<Jwt> parse_jwt(std::string_view token) {
  const std::optional<Pieces> pieces = cut(token);
  if (!pieces || token.size() > limits::kJwtBytesMax) return invalid("it is no JSON Web Token");
  const std::optional<std::string> header = base64url_decode(pieces->header);
  std::optional<std::string> payload = base64url_decode(pieces->payload);
  std::optional<std::string> signature = base64url_decode(pieces->signature);
  if (!header || !payload || !signature) return invalid("it is not encoded as tokens are");
  Jwt jwt;
  if (Status status = read_header(*header, jwt); !status.ok()) return status;
  jwt.claims = std::move(*payload);
  jwt.signature = std::move(*signature);
  jwt.signing_input = token.substr(0, pieces->header.size() + 1 + pieces->payload.size());
  if (Status status = read_payload(jwt); !status.ok()) return status;
  return jwt;
}

std::vector<std::string> claim_strings(const Jwt& jwt, std::string_view name) {
  std::vector<std::string> out;
  json::Document document;
  const Result<json::Value> claims = document.parse(jwt.claims);
  if (!claims.ok() || name.empty()) return out;
  json::Value value = claims.value()[name];
  if (!value.exists()) {
    value = claims.value();
    while (!name.empty()) {
      const size_t dot = name.find('.');
      value = value[name.substr(0, dot)];
      name = dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
    }
  }
  add_strings(value, out);
  return out;
}

}  // namespace tollgate::identity
