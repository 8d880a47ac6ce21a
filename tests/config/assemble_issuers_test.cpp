#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

constexpr const char* kText =
    "type: identity-provider\nname: corp\nissuer: i\naudience: a\njwks_uri: https://i/keys\n"
    "claims: {team: groups}\n---\ntype: user\nname: dev\n---\ntype: team\nname: seniors\n"
    "members: [dev]\n---\ntype: team\nname: platform\n"
    "identity_provider_mapping: [{identity_provider: corp, value: g1}]\n";

TEST_CASE("issuers know the users and teams of the configuration") {
  const LoadResult result = load_text(kText);
  REQUIRE(result.configuration);
  REQUIRE(result.configuration->issuers.size() == 1);
  identity::Jwt jwt;
  jwt.claims = R"({"email":"dev","groups":["g1","seniors"]})";
  const auto principal =
      result.configuration->claims.principal_of(result.configuration->issuers[0], jwt, Time{});
  REQUIRE(principal.ok());
  CHECK(principal.value().teams == std::vector<std::string>{"everyone", "seniors", "platform"});
}

TEST_CASE("an account's expiration date counts for tokens of its issuer too") {
  const LoadResult result = load_text(
      "type: identity-provider\nname: corp\nissuer: i\naudience: a\njwks_uri: https://i/keys\n"
      "claims: {virtual_account: azp}\n---\ntype: virtual-account\nname: bot\n"
      "expiration_date: 2026-12-31\n"
      "identity_provider_mapping: [{identity_provider: corp, value: c1}]\n");
  REQUIRE(result.configuration);
  identity::Jwt jwt;
  jwt.claims = R"({"email":"dev","azp":"c1"})";
  const auto let_in = [&](int64_t wall_ms) {
    return result.configuration->claims
        .principal_of(result.configuration->issuers[0], jwt, Time{0, wall_ms})
        .ok();
  };
  CHECK(let_in(1'798'675'199'999));
  CHECK_FALSE(let_in(1'798'675'200'000));
}

TEST_CASE("without an issuer no claims are kept") {
  const LoadResult result = load_text("type: user\nname: dev\n");
  REQUIRE(result.configuration);
  CHECK(result.configuration->issuers.empty());
}

}  // namespace
}  // namespace tollgate::config
