#include "identity/key_set.hpp"

#include <string>

#include "base/limits.hpp"
#include "support/catch.hpp"
#include "support/issued_tokens.hpp"

using namespace tollgate;

namespace {

identity::Jwt jwt_of(const std::string& token) {
  Result<identity::Jwt> jwt = identity::parse_jwt(token);
  REQUIRE(jwt.ok());
  return std::move(jwt.value());
}

}  // namespace

TEST_CASE("signatures of both kinds are checked") {
  const auto keys = identity::parse_key_set(test::kKeySet);
  REQUIRE(keys.ok());
  CHECK(keys.value().size() == 2);  // Encryption keys and shared secrets are passed over.
  CHECK(identity::is_signed_by(jwt_of(test::kRs256Token), keys.value()));
  CHECK(identity::is_signed_by(jwt_of(test::kEs256Token), keys.value()));
  CHECK(identity::is_signed_by(jwt_of(test::kNoKidToken), keys.value()));
  CHECK_FALSE(identity::is_signed_by(jwt_of(test::kOtherKidToken), keys.value()));
  CHECK_FALSE(identity::has_key(jwt_of(test::kOtherKidToken), keys.value()));
}

TEST_CASE("every changed byte of a token is noticed") {
  const auto keys = identity::parse_key_set(test::kKeySet);
  REQUIRE(keys.ok());
  for (const std::string whole : {test::kRs256Token, test::kEs256Token}) {
    // The last letter of a piece may hold bits that mean nothing, which decoding refuses or not.
    for (size_t at = whole.find('.') + 1; at + 2 < whole.size(); at += 7) {
      if (whole[at] == '.' || whole[at + 1] == '.') continue;
      std::string changed = whole;
      changed[at] = changed[at] == 'A' ? 'B' : 'A';
      const Result<identity::Jwt> jwt = identity::parse_jwt(changed);
      CAPTURE(at);
      CHECK((!jwt.ok() || !identity::is_signed_by(jwt.value(), keys.value())));
    }
  }
}

TEST_CASE("nobody chooses a weaker check") {
  const auto keys = identity::parse_key_set(test::kKeySet);
  REQUIRE(keys.ok());
  for (const char* algorithm : {"none", "HS256", "ES256", "rs256", ""}) {
    identity::Jwt jwt = jwt_of(test::kRs256Token);
    jwt.algorithm = algorithm;
    CAPTURE(algorithm);
    CHECK_FALSE(identity::is_signed_by(jwt, keys.value()));
  }
  identity::Jwt unsigned_one = jwt_of(test::kRs256Token);
  unsigned_one.signature.clear();
  CHECK_FALSE(identity::is_signed_by(unsigned_one, keys.value()));
}

TEST_CASE("what is no key set is refused") {
  CHECK_FALSE(identity::parse_key_set("").ok());
  CHECK_FALSE(identity::parse_key_set("<html>").ok());
  CHECK_FALSE(identity::parse_key_set(R"({"keys":{}})").ok());
  CHECK(
      identity::parse_key_set(R"({"keys":[1,{"kty":"RSA","n":"!","e":"AQAB"}]})").value().empty());
  std::string many = R"({"keys":[)";
  for (size_t i = 0; i < limits::kIssuerKeysMax + 1; ++i)
    many += std::string(i == 0 ? "" : ",") + R"({"kty":"RSA","n":"AQAB","e":"AQAB"})";
  CHECK(identity::parse_key_set(many + "]}").status().code() == Code::kLimit);
}
