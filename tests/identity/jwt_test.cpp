#include "identity/jwt.hpp"

#include "base/base64.hpp"
#include "support/catch.hpp"
#include "support/issued_tokens.hpp"

using namespace tollgate;

namespace {

std::string token_of(std::string_view header, std::string_view payload) {
  return base64url_encode(header) + "." + base64url_encode(payload) + ".AAAA";
}

}  // namespace

TEST_CASE("a token is read with what decides about it") {
  const Result<identity::Jwt> jwt = identity::parse_jwt(test::kRs256Token);
  REQUIRE(jwt.ok());
  CHECK(jwt.value().algorithm == "RS256");
  CHECK(jwt.value().key_id == "r1");
  CHECK(jwt.value().issuer == "https://idp.corp.example/");
  CHECK(jwt.value().audiences == std::vector<std::string>{"tollgate", "other"});
  CHECK(jwt.value().expires_s == 4102444800);
  CHECK(jwt.value().signature.size() == 256);
  CHECK(identity::claim_strings(jwt.value(), "email") ==
        std::vector<std::string>{"dev-1@corp.example"});
  CHECK(identity::claim_strings(jwt.value(), "groups").size() == 2);
  CHECK(identity::claim_strings(jwt.value(), "realm_access.roles") ==
        std::vector<std::string>{"platform"});
  CHECK(identity::claim_strings(jwt.value(), "realm_access.none").empty());
  CHECK(identity::claim_strings(jwt.value(), "").empty());
}

TEST_CASE("what is no token is refused") {
  struct Row {
    const char* name;
    std::string token;
  };
  const auto row = GENERATE(values<Row>({
      {"empty", ""},
      {"two pieces", "eyJhIjoxfQ.eyJhIjoxfQ"},
      {"four pieces", "eyJhIjoxfQ.eyJhIjoxfQ.AAAA.AAAA"},
      {"not base64", "eyJhIjoxfQ.eyJ*.AAAA"},
      {"padding", "eyJhIjoxfQ==.eyJhIjoxfQ.AAAA"},
      {"a header that is a list", token_of("[1]", "{}")},
      {"a payload that is text", token_of(R"({"alg":"RS256"})", "\"x\"")},
      {"critical extensions", token_of(R"({"alg":"RS256","crit":["b64"]})", "{}")},
  }));
  CAPTURE(row.name);
  CHECK_FALSE(identity::parse_jwt(row.token).ok());
}

TEST_CASE("gateway tokens do not look like JWTs") {
  CHECK(identity::looks_like_jwt(test::kEs256Token));
  CHECK_FALSE(identity::looks_like_jwt("tg-secret.with.dots"));
  CHECK_FALSE(identity::looks_like_jwt("eyJhbGciOi"));
  CHECK_FALSE(identity::looks_like_jwt("eyJ" + std::string(20'000, 'a') + ".b.c"));
}

TEST_CASE("odd claims do no harm") {
  constexpr int64_t kNever = 1'000'000'000'000'000;
  const Result<identity::Jwt> jwt = identity::parse_jwt(
      token_of(R"({"alg":7,"kid":[]})", R"({"exp":1e300,"nbf":"x","aud":{"a":1},"iss":5})"));
  REQUIRE(jwt.ok());
  CHECK(jwt.value().algorithm.empty());
  CHECK_FALSE(jwt.value().expires_s);
  CHECK(jwt.value().not_before_s == kNever);
  const Result<identity::Jwt> far = identity::parse_jwt(
      token_of(R"({"alg":"RS256"})", R"({"exp":9223372036854775807,"nbf":-9223372036854775807})"));
  CHECK_FALSE(far.value().expires_s);
  CHECK(far.value().not_before_s == kNever);
  CHECK(jwt.value().audiences.empty());
}
