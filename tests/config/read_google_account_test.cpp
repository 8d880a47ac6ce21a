#include "config/account_types.hpp"
#include "config/support.hpp"
#include "support/catch.hpp"
#include "support/rsa_test_key.hpp"

namespace tollgate::config {
namespace {

using providers::AuthKind;

std::string vertex(std::string_view auth) {
  return "type: provider-account/google-vertex\nname: vertex\nregion: us-east5\n" +
         std::string(auth) + "integrations: [{name: claude, model_id: claude-opus-5-5}]\n";
}

/// The JSON of a key file around a key made for this run.
std::string key_file(std::string_view more = "") {
  std::string pem;
  for (const char c : test::rsa_test_key().private_pem)
    pem += c == '\n' ? std::string("\\n") : std::string(1, c);
  return "{\"type\":\"service_account\",\"project_id\":\"proj\",\"private_key_id\":\"k1\","
         "\"private_key\":\"" +
         pem + "\",\"client_email\":\"svc@proj\"" + std::string(more) + "}";
}

TEST_CASE("an account of AI Studio") {
  const LoadResult result = load_text(
      "type: provider-account/google-gemini\nname: gemini\n"
      "auth_data: {type: api-key, api_key: AIza}\n"
      "integrations: [{name: flash, model_id: gemini-3.6-flash, type: "
      "integration/model/google-gemini}]\n");
  INFO(lines_of(result));
  REQUIRE(result.configuration);
  const providers::Account& account = result.configuration->accounts.at(0);
  CHECK(account.type == "google-gemini");
  CHECK(account.base_url == "https://generativelanguage.googleapis.com");
  CHECK(account.auth == AuthKind::kApiKey);
  CHECK(account.credential.reveal() == "AIza");
}

TEST_CASE("AI Studio wants a key") {
  const LoadResult result = load_text(
      "type: provider-account/google-gemini\nname: gemini\n"
      "integrations: [{name: a, model_id: b}]\n");
  CHECK_FALSE(result.configuration);
  CHECK(lines_of(result).find("auth_data") != std::string::npos);
}

TEST_CASE("an account of Vertex by a key file, as text, as mapping, from a file") {
  FakeHost host;
  host.files["key.json"] = key_file(",\"token_uri\":\"http://127.0.0.1:9/token\"");
  host.variables["KEY"] = key_file();
  // Google writes the file over several lines.
  for (const char* end : {"{", ","}) {
    std::string& text = host.files["key.json"];
    for (size_t at = text.find(end); at != std::string::npos; at = text.find(end, at + 2))
      text.insert(at + 1, "\n");
  }
  for (const std::string& content :
       {"'" + key_file() + "'", key_file(), std::string("file:key.json"), std::string("${KEY}")}) {
    const LoadResult result = load_text(
        vertex("auth_data:\n  type: key-file\n  key_file_content: " + content + "\n"), host);
    INFO(lines_of(result));
    REQUIRE(result.configuration);
    const providers::Account& account = result.configuration->accounts.at(0);
    CHECK(account.auth == AuthKind::kGoogleKeyFile);
    CHECK(account.client_email == "svc@proj");
    CHECK(account.key_id == "k1");
    CHECK(account.project_id == "proj");
    CHECK(account.region == "us-east5");
    CHECK(account.base_url.empty());
    CHECK(account.credential.reveal() == test::rsa_test_key().private_pem);
    CHECK(account.token_uri == (content == "file:key.json" ? "http://127.0.0.1:9/token" : ""));
  }
}

TEST_CASE("an account of Vertex by a token, by a key, and by the machine's own identity") {
  struct Row {
    const char* text;
    AuthKind auth;
  };
  const Row rows[] = {
      {"project_id: proj\nauth_data: {type: access-token, access_token: ya29}\n",
       AuthKind::kBearer},
      {"auth_data: {type: api-key, api_key: AQ}\n", AuthKind::kApiKey},
      {"project_id: proj\n", AuthKind::kGoogleMetadata},
      {"project_id: proj\nauth_data: {type: metadata-server, token_uri: 'http://127.0.0.1:9/t'}\n",
       AuthKind::kGoogleMetadata},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    const LoadResult result = load_text(vertex(row.text));
    INFO(lines_of(result));
    REQUIRE(result.configuration);
    CHECK(result.configuration->accounts.at(0).auth == row.auth);
  }
}

TEST_CASE("an account of Vertex by another issuer's token") {
  FakeHost host;
  host.files = {{"/token", "eyJ.token"}};
  const LoadResult result = load_text(
      vertex("project_id: proj\nauth_data:\n  type: workload-identity\n"
             "  audience: //iam.googleapis.com/projects/1/x\n  subject_token: file:/token\n"
             "  service_account_impersonation_url: "
             "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
             "a@b.example:generateAccessToken\n"),
      host);
  INFO(lines_of(result));
  REQUIRE(result.configuration);
  const providers::Account& account = result.configuration->accounts.at(0);
  CHECK(account.auth == AuthKind::kGoogleFederated);
  CHECK(account.credential.reveal() == "eyJ.token");
  CHECK(account.scope == "//iam.googleapis.com/projects/1/x");
  CHECK(account.key_id == "urn:ietf:params:oauth:token-type:jwt");
  CHECK(account.token_uri.empty());
  CHECK(account.impersonation_url.ends_with("/a@b.example:generateAccessToken"));
  const LoadResult lacking =
      load_text(vertex("project_id: proj\nauth_data: {type: workload-identity}\n"));
  CHECK_FALSE(lacking.configuration);
  CHECK(findings_of(lacking).find("audience") != std::string::npos);
  CHECK(findings_of(lacking).find("subject_token") != std::string::npos);
}

TEST_CASE("the file of a login is read too") {
  const LoadResult result = load_text(vertex(
      "project_id: proj\nauth_data:\n  type: key-file\n  key_file_content: "
      R"j('{"type":"authorized_user","client_id":"id","client_secret":"s","refresh_token":"r",)j"
      R"j("quota_project_id":"payer","account":""}')j"
      "\n"));
  INFO(lines_of(result));
  REQUIRE(result.configuration);
  const providers::Account& account = result.configuration->accounts.at(0);
  CHECK(account.auth == AuthKind::kGoogleUser);
  CHECK(account.client_email == "id");
  CHECK(account.session_token.reveal() == "s");
  CHECK(account.credential.reveal() == "r");
  CHECK(account.quota_project == "payer");
  CHECK(account.project_id == "proj");
}

TEST_CASE("what is wrong with an account of Google is said, its key is not") {
  struct Row {
    const char* name;
    std::string text;
    const char* says;
  };
  const auto with = [](const std::string& content) {
    return "auth_data:\n  type: key-file\n  key_file_content: " + content + "\n";
  };
  const Row rows[] = {
      {"no project", "auth_data: {type: access-token, access_token: ya29}\n", "project_id"},
      {"no content", "auth_data: {type: key-file}\n", "key_file_content"},
      {"no JSON", with("s3cret"), "must be the JSON text"},
      {"another kind of file", with(R"j('{"type":"external_account","client_id":"s3cret"}')j"),
       "of a service account"},
      {"half a login", with(R"j('{"type":"authorized_user","client_id":"s3cret"}')j"), "lacks"},
      {"half a file", with(R"j('{"type":"service_account","client_email":"s3cret"}')j"), "lacks"},
      {"no key", with(R"j('{"client_email":"s3cret","private_key":"s3cret"}')j"), "no RSA key"},
      {"no address", with("'" + key_file(",\"token_uri\":\"s3cret\"") + "'"), "token_uri"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const LoadResult result = load_text(vertex(row.text));
    CHECK_FALSE(result.configuration);
    CHECK(lines_of(result).find(row.says) != std::string::npos);
    CHECK(lines_of(result).find("s3cret") == std::string::npos);
    CHECK(lines_of(result).find("PRIVATE KEY") == std::string::npos);
  }
}

}  // namespace
}  // namespace tollgate::config
