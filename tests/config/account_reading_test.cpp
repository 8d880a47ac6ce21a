#include "config/account_reading.hpp"

#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

const FakeHost kHost{{{"KEY", "sk-upstream"}}, {{"/run/key", "sk-file\n"}}};

std::string account_with(const std::string& lines) {
  return "type: provider-account/anthropic\nname: main\nintegrations: [{name: a, model_id: b}]\n" +
         lines;
}

providers::Account account_of(const std::string& lines) {
  const LoadResult result = load_text(account_with(lines), kHost);
  CAPTURE(lines, findings_of(result));
  REQUIRE(result.configuration);
  return result.configuration->accounts.at(0);
}

TEST_CASE("keys and access tokens come from variables, files and text") {
  const providers::Account key = account_of("auth_data: {type: api-key, api_key: \"${KEY}\"}\n");
  CHECK(key.auth == providers::AuthKind::kApiKey);
  CHECK(key.credential.reveal() == "sk-upstream");
  const providers::Account token =
      account_of("auth_data: {type: access-token, access_token: 'file:/run/key'}\n");
  CHECK(token.auth == providers::AuthKind::kBearer);
  CHECK(token.credential.reveal() == "sk-file");
}

TEST_CASE("every field of an account is read") {
  const providers::Account account = account_of(
      "base_url: http://127.0.0.1:9101/prefix//\n"
      "ownedBy: {account: platform}\n"
      "headers: {x-team: \"${KEY}\", X-Other: b}\n"
      "tls_settings: {ca_cert_file: /ca.pem, client_cert_file: /c.pem, client_key_file: /k.pem, "
      "reject_unauthorized: true}\n"
      "proxy: http://127.0.0.1:3128\n"
      "deny_private: true\n"
      "timeouts: {first_byte_seconds: 20, idle_seconds: 30}\n"
      "health_check: {interval_seconds: 10, url: https://x.example/health}\n");
  CHECK(account.base_url == "http://127.0.0.1:9101/prefix");
  using Headers = std::vector<std::pair<std::string, std::string>>;
  CHECK(account.headers == Headers{{"x-team", "sk-upstream"}, {"X-Other", "b"}});
  CHECK(account.ca_file == "/ca.pem");
  CHECK(account.client_cert_file == "/c.pem");
  CHECK(account.client_key_file == "/k.pem");
  CHECK(account.proxy == "http://127.0.0.1:3128");
  CHECK(account.deny_private);
  CHECK_FALSE(account.tls_unverified);
  CHECK(account.check_interval_ns == 10 * kSecond);
  CHECK(account.check_url == "https://x.example/health");
  CHECK(account.first_byte_timeout_ns == 20 * kSecond);
  CHECK(account.idle_timeout_ns == 30 * kSecond);
}

const FindingCase kFaults[] = {
    {"an unset variable", "auth_data: {type: api-key, api_key: \"${NOPE}\"}",
     "t.yaml:4:37: auth_data.api_key: the environment variable NOPE is not set\n"},
    {"no key", "auth_data: {type: api-key}", "t.yaml:4:12: auth_data.api_key: is required\n"},
    {"the key of another kind", "auth_data: {type: api-key, access_token: sk-planted}",
     "t.yaml:4:12: auth_data.api_key: is required\n"
     "t.yaml:4:28: auth_data: unknown key; known here are type, api_key\n"},
    {"an unknown kind", "auth_data: {type: apikey, api_key: sk-planted}",
     "t.yaml:4:19: auth_data.type: must be one of api-key, access-token (did you mean api-key?)\n"},
    {"a forgotten value",
     "auth_data:", "t.yaml:4:11: auth_data: must be a mapping, found is nothing\n"},
    {"a key where a mapping belongs", "auth_data: sk-planted",
     "t.yaml:4:12: auth_data: must be a mapping, found is a string\n"},
    {"a URL without a scheme", "base_url: api.anthropic.com",
     "t.yaml:4:11: base_url: must be an absolute http or https URL without user, query or "
     "fragment\n"},
    {"a URL with a password", "base_url: https://user:sk-planted@host",
     "t.yaml:4:11: base_url: must be an absolute http or https URL without user, query or "
     "fragment\n"},
    {"plain http to another machine", "base_url: http://upstream.example",
     "t.yaml:4:11: base_url: warning: plain http to another machine: keys and prompts are sent "
     "unencrypted\n"},
    {"a credential as header", "headers: {Authorization: Bearer sk-planted}",
     "t.yaml:4:26: headers.Authorization: this header cannot be set here\n"},
    {"a header's name", "headers: {\"x y\": a}",
     "t.yaml:4:18: headers.x y: is no name of a header\n"},
    {"a header's value", "headers: {x-a: \"b\\r\\nx-c: d\"}",
     "t.yaml:4:16: headers.x-a: holds a line break or another control character\n"},
    {"half a client certificate", "tls_settings: {client_cert_file: /c.pem}",
     "t.yaml:4:15: tls_settings: client_cert_file and client_key_file go together\n"},
    {"no certificate check", "tls_settings: {reject_unauthorized: false}",
     "t.yaml:4:37: tls_settings.reject_unauthorized: warning: the upstream's certificate is not "
     "checked: anyone on the way can read and change what is sent\n"},
    {"a certificate in the text", "tls_settings: {ca_cert: PEM}",
     "t.yaml:4:16: tls_settings.ca_cert: is not supported by this version of tollgate: remove "
     "it\n"},
    {"checks too far apart to add up", "health_check: {interval_seconds: 61}",
     "t.yaml:4:34: health_check.interval_seconds: must be a whole number from 5 to 60\n"},
    {"a check of no address", "health_check: {url: here}",
     "t.yaml:4:21: health_check.url: must be an absolute http or https URL without user, query or "
     "fragment\n"},
    {"a timeout of zero", "timeouts: {idle_seconds: 0}",
     "t.yaml:4:26: timeouts.idle_seconds: must be a whole number from 1 to 3600\n"},
    {"a misspelt field", "base_ulr: https://a.example",
     "t.yaml:4:1: base_ulr: unknown key (did you mean base_url?)\n"},
};

TEST_CASE("faulty accounts are reported where they stand") {
  for (const FindingCase& row : kFaults) {
    CAPTURE(row.name);
    const std::string found = findings_of(load_text(account_with(std::string(row.text)), kHost));
    CHECK(found == row.findings);
    CHECK(found.find("sk-planted") == std::string::npos);
  }
}

TEST_CASE("an account's name and models are needed to be of use") {
  CHECK(findings_of(load_text("type: provider-account/anthropic\nname: 1a\n")) ==
        "t.yaml:2:7: name: must be 3 to 64 letters, digits and hyphens, not starting with a "
        "digit\n");
  for (const char* models : {"", "integrations: []\n"}) {
    CHECK(findings_of(
              load_text("type: provider-account/anthropic\nname: main\n" + std::string(models))) ==
          "t.yaml:2:7: name: warning: this account has no integrations: no model is reached by "
          "it\n");
  }
}

}  // namespace
}  // namespace tollgate::config
