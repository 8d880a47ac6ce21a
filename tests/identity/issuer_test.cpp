#include "identity/issuer.hpp"

#include "support/catch.hpp"
#include "support/issued_tokens.hpp"

using namespace tollgate;
using model::PrincipalKind;

namespace {

constexpr Time kNow{1, 1'795'000'000'000};

identity::Issuer issuer_of() {
  identity::Issuer issuer;
  issuer.name = "corp";
  issuer.issuer = "https://idp.corp.example/";
  issuer.audiences = {"tollgate"};
  issuer.team_claim = "groups";
  issuer.virtual_account_claim = "azp";
  return issuer;
}

identity::Jwt jwt_of(const char* token) {
  return identity::parse_jwt(token).value();
}

}  // namespace

TEST_CASE("claims are checked against issuer, audience and time") {
  const identity::Jwt jwt = jwt_of(test::kRs256Token);
  CHECK(identity::check_claims(issuer_of(), jwt, kNow).ok());
  CHECK_FALSE(identity::check_claims(issuer_of(), jwt_of(test::kExpiredToken), kNow).ok());
  identity::Issuer other = issuer_of();
  other.issuer = "https://idp.corp.example";
  CHECK_FALSE(identity::check_claims(other, jwt, kNow).ok());
  identity::Issuer elsewhere = issuer_of();
  elsewhere.audiences = {"billing"};
  CHECK_FALSE(identity::check_claims(elsewhere, jwt, kNow).ok());
  identity::Jwt early = jwt;
  early.not_before_s = kNow.wall_ms / 1000 + 61;
  CHECK_FALSE(identity::check_claims(issuer_of(), early, kNow).ok());
  early.not_before_s = kNow.wall_ms / 1000 + 60;
  CHECK(identity::check_claims(issuer_of(), early, kNow).ok());
  identity::Jwt eternal = jwt;
  eternal.expires_s.reset();
  CHECK_FALSE(identity::check_claims(issuer_of(), eternal, kNow).ok());
}

TEST_CASE("only signatures that a public key checks are looked at") {
  for (const char* algorithm : {"none", "None", "HS256", "RS384", "PS256", ""}) {
    CAPTURE(algorithm);
    identity::Jwt jwt = jwt_of(test::kRs256Token);
    jwt.algorithm = algorithm;
    const Status checked = identity::check_claims(issuer_of(), jwt, kNow);
    CHECK_THAT(checked.message(), Catch::Contains("not accepted"));
  }
}

TEST_CASE("a token names a user with the teams it brings") {
  identity::ClaimDirectory claims;
  claims.add_team("platform", {{"corp", "g-platform"}});
  claims.add_team("other", {{"elsewhere", "g-platform"}});
  const auto external = claims.principal_of(issuer_of(), jwt_of(test::kRs256Token), kNow);
  REQUIRE(external.ok());
  CHECK(external.value().subject() == "user:dev-1@corp.example");
  CHECK(external.value().teams == std::vector<std::string>{"everyone", "platform"});
  claims.add_user({PrincipalKind::kUser, "dev-1@corp.example", {"everyone", "seniors"}, {}});
  const auto known = claims.principal_of(issuer_of(), jwt_of(test::kRs256Token), kNow);
  CHECK(known.value().teams == std::vector<std::string>{"everyone", "seniors", "platform"});
}

TEST_CASE("only users that are declared, where the issuer says so") {
  identity::ClaimDirectory claims;
  identity::Issuer issuer = issuer_of();
  issuer.known_users_only = true;
  CHECK_FALSE(claims.principal_of(issuer, jwt_of(test::kRs256Token), kNow).ok());
  claims.add_user({PrincipalKind::kUser, "dev-1@corp.example", {"everyone"}, {}});
  CHECK(claims.principal_of(issuer, jwt_of(test::kRs256Token), kNow).ok());
}

TEST_CASE("a token names a virtual account by name or by mapping") {
  identity::ClaimDirectory claims;
  claims.add_virtual_account({PrincipalKind::kVirtualAccount, "ci-bot", {}, {{"env", "ci"}}},
                             {{"corp", "client-ci"}});
  const auto bot = claims.principal_of(issuer_of(), jwt_of(test::kBotToken), kNow);
  REQUIRE(bot.ok());
  CHECK(bot.value().subject() == "virtualaccount:ci-bot");
  CHECK(bot.value().tags == model::Metadata{{"env", "ci"}});
  claims.add_virtual_account({PrincipalKind::kVirtualAccount, "ci", {}, {}}, {});
  CHECK(claims.principal_of(issuer_of(), jwt_of(test::kRs256Token), kNow).value().subject() ==
        "virtualaccount:ci");
  identity::Issuer users_only = issuer_of();
  users_only.virtual_account_claim.clear();
  CHECK_FALSE(claims.principal_of(users_only, jwt_of(test::kBotToken), kNow).ok());
}

TEST_CASE("a virtual account that has expired lets nobody in, also not as a user") {
  identity::ClaimDirectory claims;
  claims.add_virtual_account({PrincipalKind::kVirtualAccount, "ci-bot", {}, {}},
                             {{"corp", "client-ci"}}, kNow.wall_ms);
  const identity::Jwt jwt = jwt_of(test::kBotToken);
  CHECK(claims.principal_of(issuer_of(), jwt, Time{1, kNow.wall_ms - 1}).ok());
  const auto expired = claims.principal_of(issuer_of(), jwt, kNow);
  REQUIRE_FALSE(expired.ok());
  CHECK_THAT(expired.status().message(), Catch::Contains("has expired"));
}
