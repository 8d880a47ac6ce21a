#include "providers/entra/token.hpp"

#include "support/catch.hpp"

namespace tollgate::providers {
namespace {

constexpr std::string_view kScope = "https://ai.azure.com/.default";
constexpr Time kNow{5'000 * kSecond, 0};

Account entra_account() {
  Account account;
  account.name = "azure";
  account.auth = AuthKind::kEntra;
  account.client_email = "app-1";
  account.credential = Secret("s&cret=1");
  account.token_uri = "https://login.example/tenant/oauth2/v2.0/token";
  return account;
}

TEST_CASE("the token is asked for with the application's own credentials") {
  const Result<AuxiliaryCall> call = entra::auxiliary(entra_account(), kScope);
  REQUIRE(call.ok());
  CHECK(call.value().request.method == "POST");
  CHECK(call.value().request.url == "https://login.example/tenant/oauth2/v2.0/token");
  CHECK(call.value().request.headers.get("content-type") == "application/x-www-form-urlencoded");
  CHECK(call.value().body ==
        "grant_type=client_credentials&client_id=app-1&client_secret=s%26cret%3D1&"
        "scope=https%3A%2F%2Fai.azure.com%2F.default");
  Account scoped = entra_account();
  scoped.scope = "api://ours/.default";
  CHECK(
      entra::auxiliary(scoped, kScope).value().body.ends_with("scope=api%3A%2F%2Fours%2F.default"));
}

TEST_CASE("another issuer's token stands in place of the secret") {
  Account account = entra_account();
  account.auth = AuthKind::kEntraFederated;
  account.credential = Secret("eyJ.a+b");
  const Result<AuxiliaryCall> call = entra::auxiliary(account, kScope);
  REQUIRE(call.ok());
  CHECK_FALSE(call.value().is_local);
  CHECK(call.value().body ==
        "grant_type=client_credentials&client_id=app-1&client_assertion_type="
        "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&"
        "client_assertion=eyJ.a%2Bb&scope=https%3A%2F%2Fai.azure.com%2F.default");
  CHECK_FALSE(entra::auxiliary_key(account, kScope).empty());
}

TEST_CASE("a machine's identity is asked for beside it") {
  Account account;
  account.auth = AuthKind::kAzureManaged;
  const Result<AuxiliaryCall> call = entra::auxiliary(account, kScope);
  REQUIRE(call.ok());
  CHECK(call.value().is_local);
  CHECK(call.value().request.method == "GET");
  CHECK(call.value().request.headers.get("metadata") == "true");
  CHECK(call.value().body.empty());
  CHECK(call.value().request.url ==
        "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&"
        "resource=https%3A%2F%2Fai.azure.com");
  CHECK_FALSE(entra::auxiliary_key(account, kScope).empty());
  account.client_email = "user-1";
  account.scope = "api://ours";
  account.token_uri = "http://127.0.0.1:9/msi";
  CHECK(entra::auxiliary(account, kScope).value().request.url ==
        "http://127.0.0.1:9/msi?api-version=2018-02-01&resource=api%3A%2F%2Fours&"
        "client_id=user-1");
}

TEST_CASE("accounts share a token only when all but the secret is the same") {
  const std::string key = entra::auxiliary_key(entra_account(), kScope);
  CHECK_FALSE(key.empty());
  CHECK(key.find("s&cret") == std::string::npos);
  for (int i = 0; i < 4; ++i) {
    Account other = entra_account();
    (i == 0   ? other.name
     : i == 1 ? other.client_email
     : i == 2 ? other.token_uri
              : other.scope) += "x";
    CHECK(entra::auxiliary_key(other, kScope) != key);
  }
  CHECK(entra::auxiliary_key(Account{}, kScope).empty());
}

struct AnswerCase {
  const char* name;
  uint32_t status;
  std::string_view body;
  std::string_view token;
  uint64_t renewed;
  std::string_view message;
};

const AnswerCase kAnswers[] = {
    {"a token", 200, R"({"token_type":"Bearer","expires_in":3599,"access_token":"eyJ"})", "eyJ",
     8'299 * kSecond, ""},
    {"of the machine, with its life as a text", 200,
     R"({"access_token":"eyJ","expires_in":"3599","token_type":"Bearer"})", "eyJ", 8'299 * kSecond,
     ""},
    {"a token for minutes", 200, R"({"expires_in":120,"access_token":"eyJ"})", "eyJ",
     5'060 * kSecond, ""},
    {"a token without an end", 200, R"({"access_token":"eyJ"})", "eyJ", 5'005 * kSecond, ""},
    {"a token for ever", 200, R"({"expires_in":9000000000000000000,"access_token":"eyJ"})", "eyJ",
     91'100 * kSecond, ""},
    {"a refusal", 401,
     R"({"error":"invalid_client","error_description":"AADSTS7000215: app-1 of tenant"})", "", 0,
     "the token service answered 401: invalid_client"},
    {"no JSON", 502, "<html>", "", 0, "the token service answered 502"},
    {"no JSON under 200", 200, "<html>", "", 0, "the token service answered 200"},
    {"no token", 200, "{}", "", 0, "the token service's answer holds no token"},
};

TEST_CASE("tokens are renewed before they expire") {
  for (const AnswerCase& row : kAnswers) {
    CAPTURE(row.name);
    const Result<AuxiliaryValue> value = entra::read_auxiliary(row.status, row.body, kNow);
    CHECK(value.ok() == row.message.empty());
    if (!value.ok()) {
      CHECK(value.status().message() == row.message);
      continue;
    }
    CHECK(value.value().value == row.token);
    CHECK(value.value().renew_mono_ns == row.renewed);
    CHECK(value.value().expires_mono_ns > row.renewed);
  }
}

}  // namespace
}  // namespace tollgate::providers
