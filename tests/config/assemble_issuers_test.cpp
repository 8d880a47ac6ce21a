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
      result.configuration->claims.principal_of(result.configuration->issuers[0], jwt);
  REQUIRE(principal.ok());
  CHECK(principal.value().teams == std::vector<std::string>{"everyone", "seniors", "platform"});
}

TEST_CASE("without an issuer no claims are kept") {
  const LoadResult result = load_text("type: user\nname: dev\n");
  REQUIRE(result.configuration);
  CHECK(result.configuration->issuers.empty());
}

}  // namespace
}  // namespace tollgate::config
