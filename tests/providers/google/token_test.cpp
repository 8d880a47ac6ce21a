#include "providers/google/token.hpp"

#include "base/base64.hpp"
#include "base/public_key.hpp"
#include "base/sha256.hpp"
#include "json/reader.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"
#include "support/rsa_test_key.hpp"

namespace tollgate::providers::google {
namespace {

Account key_account() {
  Account account;
  account.name = "vertex";
  account.auth = AuthKind::kGoogleKeyFile;
  account.client_email = "svc@proj.iam.gserviceaccount.com";
  account.key_id = "abc123";
  account.credential = Secret(test::rsa_test_key().private_pem);
  return account;
}

TEST_CASE("the text to be signed is what Google's own libraries sign") {
  const std::string input =
      jwt_signing_input("abc123", "svc@proj.iam.gserviceaccount.com",
                        "https://oauth2.googleapis.com/token", 1'763'814'896, 1'763'818'496);
  CHECK(to_hex(sha256(input).value()) ==
        "c77c75cf2e5b1455262dd7441dccc7040664b82704d5fac8a291eddf5c0bf99c");
  CHECK(input.starts_with("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImFiYzEyMyJ9.eyJpc3Mi"));
}

TEST_CASE("a key file is exchanged for a token by a signed assertion") {
  const Time now{5, 1'763'814'906'000};
  const Result<AuxiliaryCall> made = token_call(key_account(), now);
  REQUIRE(made.ok());
  const AuxiliaryCall& call = made.value();
  CHECK(call.request.method == "POST");
  CHECK(call.request.url == "https://oauth2.googleapis.com/token");
  CHECK(call.request.headers.get("content-type") == "application/x-www-form-urlencoded");
  const std::string_view start =
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
  REQUIRE(call.body.starts_with(start));
  const std::string jwt = call.body.substr(start.size());
  const size_t dot = jwt.rfind('.');
  CHECK(jwt.substr(0, dot) == jwt_signing_input("abc123", "svc@proj.iam.gserviceaccount.com",
                                                "https://oauth2.googleapis.com/token",
                                                1'763'814'896, 1'763'818'496));
  const auto signature = base64url_decode(jwt.substr(dot + 1));
  REQUIRE(signature);
  const test::RsaTestKey& key = test::rsa_test_key();
  CHECK(verify_rs256(key.modulus, key.exponent, jwt.substr(0, dot), *signature));
}

TEST_CASE("the key file's own token_uri is asked, and is the audience") {
  Account account = key_account();
  account.token_uri = "http://127.0.0.1:9/token";
  const Result<AuxiliaryCall> call = token_call(account, {});
  REQUIRE(call.ok());
  CHECK(call.value().request.url == "http://127.0.0.1:9/token");
  const std::string claims = call.value().body;
  const size_t first = claims.find('.');
  const auto decoded = base64url_decode(claims.substr(first + 1, claims.rfind('.') - first - 1));
  REQUIRE(decoded);
  CHECK(decoded->find("\"aud\":\"http://127.0.0.1:9/token\"") != std::string::npos);
}

TEST_CASE("a key that cannot sign says whose it is, not what it is") {
  Account account = key_account();
  account.credential = Secret("not a key");
  const Result<AuxiliaryCall> call = token_call(account, {});
  REQUIRE_FALSE(call.ok());
  CHECK(call.status().message().find("vertex") != std::string::npos);
  CHECK(call.status().message().find("not a key") == std::string::npos);
}

TEST_CASE("a person's refresh token is exchanged, and the project that pays is named") {
  Account account;
  account.name = "vertex";
  account.auth = AuthKind::kGoogleUser;
  account.client_email = "id-1.apps.googleusercontent.com";
  account.session_token = Secret("s&cret");
  account.credential = Secret("1//refresh");
  account.quota_project = "payer";
  const Result<AuxiliaryCall> call = token_call(account, {});
  REQUIRE(call.ok());
  CHECK(call.value().request.method == "POST");
  CHECK(call.value().request.url == "https://oauth2.googleapis.com/token");
  CHECK(call.value().request.headers.get("content-type") == "application/x-www-form-urlencoded");
  CHECK(call.value().body ==
        "grant_type=refresh_token&client_id=id-1.apps.googleusercontent.com&client_secret=s%26cret"
        "&refresh_token=1%2F%2Frefresh");
  const std::string key = token_key(account);
  CHECK_FALSE(key.empty());
  CHECK(key.find("refresh") == std::string::npos);
  account.credential = Secret("1//another");
  CHECK(token_key(account) != key);
  const router::Integration integration;
  const Endpoint endpoint{account, integration, "gemini-3-pro"};
  const wire::Headers client;
  const CallContext context{.endpoint = endpoint,
                            .client_headers = client,
                            .client_query = {},
                            .extra_betas = {},
                            .token = "ya29.x",
                            .now = {}};
  wire::Headers headers;
  REQUIRE(add_credential(context, headers).ok());
  CHECK(headers.get("authorization") == "Bearer ya29.x");
  CHECK(headers.get("x-goog-user-project") == "payer");
}

TEST_CASE("the metadata server is asked where there is no key") {
  Account account;
  account.auth = AuthKind::kGoogleMetadata;
  const Result<AuxiliaryCall> call = token_call(account, {});
  REQUIRE(call.ok());
  CHECK(call.value().request.method == "GET");
  CHECK(call.value().request.url == kMetadataTokenUri);
  CHECK(call.value().request.headers.get("metadata-flavor") == "Google");
  CHECK(call.value().body.empty());
  account.token_uri = "http://127.0.0.1:9/t";
  CHECK(token_call(account, {}).value().request.url == "http://127.0.0.1:9/t");
}

TEST_CASE("tokens are shared by key, and only by those that fetch one") {
  Account account = key_account();
  const std::string key = token_key(account);
  CHECK_FALSE(key.empty());
  CHECK(key.find("PRIVATE") == std::string::npos);
  account.key_id = "other";
  CHECK(token_key(account) != key);
  account.auth = AuthKind::kBearer;
  CHECK(token_key(account).empty());
  CHECK_FALSE(token_call(account, {}).ok());
}

TEST_CASE("a token is renewed five minutes before it ends") {
  struct Row {
    const char* body;
    uint64_t seconds;
  };
  const Row rows[] = {
      {R"j({"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"})j", 3'299},
      {R"j({"access_token":"ya29.x","expires_in":400})j", 200},
      {R"j({"access_token":"ya29.x"})j", 3'300},
      {R"j({"access_token":"ya29.x","expires_in":-5})j", 5},
  };
  for (const Row& row : rows) {
    INFO(row.body);
    const auto value = read_token(200, row.body, {7, 0});
    REQUIRE(value.ok());
    CHECK(value.value().value == "ya29.x");
    CHECK(value.value().renew_mono_ns == 7 + row.seconds * kSecond);
  }
  for (const auto& path : test::recordings("gemini", "oauth2-token-response.json")) {
    const auto value = read_token(200, test::read_file(path), {0, 0});
    REQUIRE(value.ok());
    CHECK(value.value().renew_mono_ns == 3'299 * kSecond);
  }
}

TEST_CASE("answers without a token say why") {
  struct Row {
    uint32_t status;
    const char* body;
    const char* says;
  };
  const Row rows[] = {
      {400, R"j({"error":"invalid_grant","error_description":"Invalid JWT\nSignature."})j",
       "400: invalid_grant: Invalid JWT Signature."},
      {200, "{}", "200 without a token"},
      {200, R"j({"access_token":"a\nb"})j", "without a token"},
      {503, "oops", "503 without a token"},
      {403, R"j({"error":{"message":"no scopes"}})j", "403: no scopes"},
  };
  for (const Row& row : rows) {
    const auto value = read_token(row.status, row.body, {});
    REQUIRE_FALSE(value.ok());
    CHECK(value.status().message().find(row.says) != std::string::npos);
  }
}

TEST_CASE("ids become segments of a path") {
  CHECK(path_segment("claude-haiku-4-5@20251001") == "claude-haiku-4-5@20251001");
  CHECK(path_segment("a;b/c?d#e%f g") == "a%3Bb%2Fc%3Fd%23e%25f%20g");
}

}  // namespace
}  // namespace tollgate::providers::google
