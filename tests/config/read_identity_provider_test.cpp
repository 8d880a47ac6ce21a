#include "config/document_types.hpp"
#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

constexpr const char* kProvider =
    "type: identity-provider\nname: corp\nissuer: https://idp.corp.example/\n"
    "audience: [tollgate]\njwks_uri: https://idp.corp.example/keys\n";

constexpr const char* kTwin =
    "type: identity-provider\nname: twin\nissuer: https://idp.corp.example/\n"
    "audience: [tollgate]\njwks_uri: https://idp.corp.example/keys\n";

TEST_CASE("an identity provider is read with its claims and mappings") {
  const LoadResult result = load_text(
      std::string(kProvider) +
      "claims: {user: preferred_username, team: groups, virtual_account: azp}\n"
      "known_users_only: true\nclock_skew_seconds: 5\ntls_settings: {ca_cert_file: /ca.pem}\n"
      "---\ntype: team\nname: platform\nmembers: []\n"
      "identity_provider_mapping: [{identity_provider: corp, value: g-platform}]\n"
      "---\ntype: virtual-account\nname: ci-bot\n"
      "identity_provider_mapping: [{identity_provider: corp, value: client-ci}]\n");
  REQUIRE(result.configuration);
  REQUIRE(result.configuration->issuers.size() == 1);
  const identity::Issuer& issuer = result.configuration->issuers[0];
  CHECK(issuer.issuer == "https://idp.corp.example/");
  CHECK(issuer.jwks_uri == "https://idp.corp.example/keys");
  CHECK(issuer.audiences == std::vector<std::string>{"tollgate"});
  CHECK(issuer.user_claim == "preferred_username");
  CHECK(issuer.team_claim == "groups");
  CHECK(issuer.virtual_account_claim == "azp");
  CHECK(issuer.known_users_only);
  CHECK(issuer.skew_seconds == 5);
  CHECK(issuer.ca_file == "/ca.pem");
}

TEST_CASE("one audience may stand without a list") {
  const LoadResult result = load_text(
      "type: identity-provider\nname: corp\nissuer: i\naudience: tollgate\n"
      "jwks_uri: http://127.0.0.1:9/keys\n");
  REQUIRE(result.configuration);
  CHECK(result.configuration->issuers[0].audiences == std::vector<std::string>{"tollgate"});
}

TEST_CASE("what would let the wrong people in is an error") {
  struct Row {
    const char* name;
    std::string text;
    const char* expected;
  };
  const auto row = GENERATE(values<Row>({
      {"keys in the clear",
       "type: identity-provider\nname: a\nissuer: i\naudience: x\njwks_uri: http://idp.corp/keys\n",
       "must be https"},
      {"no keys", "type: identity-provider\nname: a\nissuer: i\naudience: x\n", "is required"},
      {"the same issuer twice", std::string(kProvider) + "---\n" + kTwin,
       "second identity provider"},
      {"a mapping to nobody",
       "type: team\nname: t\nmembers: []\n"
       "identity_provider_mapping: [{identity_provider: nope, value: x}]\n",
       "no identity-provider document has the name \"nope\""},
  }));
  CAPTURE(row.name);
  const LoadResult result = load_text(row.text);
  CHECK_FALSE(result.configuration);
  std::string all;
  for (const Diagnostic& diagnostic : result.diagnostics)
    all += diagnostic.message + "\n";
  CHECK_THAT(all, Catch::Contains(row.expected));
}

TEST_CASE("a virtual account ends with all its tokens") {
  const std::string hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  const LoadResult result = load_text(
      "type: virtual-account\nname: bot\nexpiration_date: 2026-11-23\ntokens:\n"
      "  - {sha256: " +
      hex + "}\n");
  REQUIRE(result.configuration);
  Time later = kTestNow;
  REQUIRE(parse_rfc3339("2026-11-23T00:00:00Z", later.wall_ms));
  CHECK(result.configuration->directory.authenticate("test", kTestNow).verdict ==
        identity::Verdict::kAccepted);
  CHECK(result.configuration->directory.authenticate("test", later).verdict ==
        identity::Verdict::kExpired);
}

}  // namespace
}  // namespace tollgate::config
