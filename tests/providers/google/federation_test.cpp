#include "providers/google/federation.hpp"

#include "providers/google/token.hpp"
#include "support/catch.hpp"

namespace tollgate::providers::google {
namespace {

constexpr Time kExchangedAt{5'000 * kSecond, 1'795'305'600'000};  // 2026-11-22T00:00:00Z

Account federated() {
  Account account;
  account.name = "vertex";
  account.auth = AuthKind::kGoogleFederated;
  account.credential = Secret("eyJ.a+b");
  account.scope = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/x";
  account.key_id = "urn:ietf:params:oauth:token-type:jwt";
  return account;
}

TEST_CASE("another issuer's token is exchanged") {
  const Account account = federated();
  const AuxiliaryCall call = token_call(account, kExchangedAt).value();
  CHECK(call.request.method == "POST");
  CHECK(call.request.url == "https://sts.googleapis.com/v1/token");
  CHECK(call.request.headers.get("content-type") == "application/x-www-form-urlencoded");
  CHECK(call.body ==
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
        "&audience=%2F%2Fiam.googleapis.com%2Fprojects%2F1%2Flocations%2Fglobal%2F"
        "workloadIdentityPools%2Fp%2Fx"
        "&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform"
        "&requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
        "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt"
        "&subject_token=eyJ.a%2Bb");
  const auto token = read_exchange(
      {account, call, 200, R"({"access_token":"ya29.x","expires_in":3599})", kExchangedAt});
  REQUIRE(token.ok());
  CHECK_FALSE(token.value().next);
  CHECK(token.value().value == "ya29.x");
  CHECK(token.value().renew_mono_ns == 8'299 * kSecond);
}

TEST_CASE("a service account's token is asked for with the first") {
  Account account = federated();
  account.impersonation_url = "https://iamcredentials.googleapis.com/v1/sa:generateAccessToken";
  const AuxiliaryCall first = token_call(account, kExchangedAt).value();
  const auto between = read_exchange(
      {account, first, 200, R"({"access_token":"ya29.x","expires_in":3599})", kExchangedAt});
  REQUIRE(between.ok());
  REQUIRE(between.value().next);
  const AuxiliaryCall& second = *between.value().next;
  CHECK(second.request.url == account.impersonation_url);
  CHECK(second.request.headers.get("authorization") == "Bearer ya29.x");
  CHECK(second.body ==
        R"({"scope":["https://www.googleapis.com/auth/cloud-platform"],"lifetime":"3600s"})");
  const auto token = read_exchange(
      {account, second, 200, R"({"accessToken":"ya29.sa","expireTime":"2026-11-22T01:00:00Z"})",
       kExchangedAt});
  REQUIRE(token.ok());
  CHECK(token.value().value == "ya29.sa");
  CHECK(token.value().renew_mono_ns == 8'300 * kSecond);
  const auto refused =
      read_exchange({account, second, 403, R"({"error":{"code":403,"status":"PERMISSION_DENIED"}})",
                     kExchangedAt});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.status().message() ==
        "Google's service account credentials answered 403: PERMISSION_DENIED");
}

TEST_CASE("a federated account has a token of its own, by whatever subject") {
  Account account = federated();
  const std::string key = token_key(account);
  CHECK_FALSE(key.empty());
  account.credential = Secret("a newer one");
  CHECK(token_key(account) == key);
  account.impersonation_url = "https://x.example/y";
  CHECK(token_key(account) != key);
}

}  // namespace
}  // namespace tollgate::providers::google
