#include "config/account_types.hpp"
#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

const char* const kKeys =
    "type: provider-account/aws-bedrock\n"
    "name: bedrock-main\n"
    "region: us-east-1\n"
    "auth_data:\n"
    "  type: access-key-based\n"
    "  access_key_id: ${AWS_ACCESS_KEY_ID}\n"
    "  secret_access_key: ${AWS_SECRET_ACCESS_KEY}\n"
    "  session_token: ${AWS_SESSION_TOKEN}\n"
    "integrations:\n"
    "  - {name: haiku, type: integration/model/bedrock,\n"
    "     model_id: us.anthropic.claude-haiku-4-5-20251001-v1:0}\n"
    "  - {name: nova, model_id: us.amazon.nova-2-lite-v1:0, api: converse, region: eu-west-1}\n";

TEST_CASE("an account with AWS keys is read") {
  FakeHost host;
  host.variables = {{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
                    {"AWS_SECRET_ACCESS_KEY", "secret"},
                    {"AWS_SESSION_TOKEN", "token"}};
  const LoadResult result = load_text(kKeys, host);
  INFO(lines_of(result));
  REQUIRE(result.configuration);
  const providers::Account& account = result.configuration->accounts.at(0);
  CHECK(account.auth == providers::AuthKind::kAwsKeys);
  CHECK(account.access_key_id == "AKIDEXAMPLE");
  CHECK(account.credential.reveal() == "secret");
  CHECK(account.session_token.reveal() == "token");
  CHECK(account.region == "us-east-1");
  CHECK(account.base_url.empty());
  const auto& models = result.configuration->catalog.integrations();
  CHECK(models.at(0).api == "");
  CHECK(models.at(1).api == "converse");
  CHECK(models.at(1).region == "eu-west-1");
  CHECK(models.at(0).facts.tools == true);
}

TEST_CASE("an account with a Bedrock key is read") {
  FakeHost host;
  host.variables = {{"AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-1"}};
  const LoadResult result = load_text(
      "type: provider-account/aws-bedrock\n"
      "name: bedrock-main\n"
      "base_url: https://bedrock.proxy.example\n"
      "auth_data: {type: api-key, api_key: \"${AWS_BEARER_TOKEN_BEDROCK}\"}\n"
      "integrations: [{name: a, model_id: anthropic.claude-opus-5-5}]\n",
      host);
  INFO(lines_of(result));
  REQUIRE(result.configuration);
  const providers::Account& account = result.configuration->accounts.at(0);
  CHECK(account.auth == providers::AuthKind::kApiKey);
  CHECK(account.credential.reveal() == "bedrock-api-key-1");
  CHECK(account.base_url == "https://bedrock.proxy.example");
}

LoadResult account_with(const std::string& auth_data) {
  FakeHost host;
  host.variables = {{"SECRET", "secret"}};
  host.files = {{"/token", "eyJ.token"}};
  return load_text(
      "type: provider-account/aws-bedrock\nname: main\nregion: us-east-1\nauth_data: {" +
          auth_data + "}\nintegrations: [{name: a, model_id: amazon.nova-pro-v1:0}]\n",
      host);
}

TEST_CASE("keys may be those of the instance, the container, a web identity or a role") {
  using providers::AuthKind;
  struct Row {
    const char* auth_data;
    AuthKind auth;
    const char* address;
    const char* secret;
    const char* web_identity_role;
    const char* assumed_role;
  };
  const Row rows[] = {
      {"type: instance-profile", AuthKind::kAwsInstance, "", "", "", ""},
      {"type: instance-profile, endpoint: \"http://127.0.0.1:8/\"", AuthKind::kAwsInstance,
       "http://127.0.0.1:8", "", "", ""},
      {"type: container, credentials_uri: \"http://169.254.170.2/v2/credentials/1\"",
       AuthKind::kAwsContainer, "http://169.254.170.2/v2/credentials/1", "", "", ""},
      {"type: container, credentials_uri: \"http://169.254.170.23/v1/credentials\", "
       "authorization_token: \"file:/token\"",
       AuthKind::kAwsContainer, "http://169.254.170.23/v1/credentials", "eyJ.token", "", ""},
      {"type: web-identity, role_arn: \"arn:aws:iam::1:role/a\", web_identity_token: "
       "\"file:/token\"",
       AuthKind::kAwsWebIdentity, "", "eyJ.token", "arn:aws:iam::1:role/a", ""},
      {"type: instance-profile, assumed_role_arn: \"arn:aws-cn:iam::1:role/b\"",
       AuthKind::kAwsInstance, "", "", "", "arn:aws-cn:iam::1:role/b"},
      {"type: assumed-role-based, access_key_id: AKID, secret_access_key: \"${SECRET}\", "
       "assumed_role_arn: \"arn:aws:iam::1:role/b\"",
       AuthKind::kAwsKeys, "", "secret", "", "arn:aws:iam::1:role/b"},
  };
  for (const Row& row : rows) {
    INFO(row.auth_data);
    const LoadResult result = account_with(row.auth_data);
    INFO(lines_of(result));
    REQUIRE(result.configuration);
    CHECK(findings_of(result).empty());
    const providers::Account& account = result.configuration->accounts.at(0);
    CHECK(account.auth == row.auth);
    CHECK(account.token_uri == row.address);
    CHECK(account.credential.reveal() == row.secret);
    CHECK(account.aws.web_identity_role_arn == row.web_identity_role);
    CHECK(account.aws.assumed_role_arn == row.assumed_role);
    CHECK(account.aws.session_name == "tollgate");
  }
  const LoadResult named = account_with(
      "type: instance-profile, assumed_role_arn: \"arn:aws:iam::1:role/b\", external_id: ours, "
      "session_name: gate@prod, sts_endpoint: \"https://vpce-1.sts.example\"");
  REQUIRE(named.configuration);
  const providers::AwsRoles& roles = named.configuration->accounts.at(0).aws;
  CHECK(roles.external_id == "ours");
  CHECK(roles.session_name == "gate@prod");
  CHECK(roles.sts_url == "https://vpce-1.sts.example");
}

TEST_CASE("what a source of keys lacks is named") {
  const std::pair<const char*, const char*> rows[] = {
      {"type: container", "credentials_uri"},
      {"type: web-identity, role_arn: \"arn:aws:iam::1:role/a\"", "web_identity_token"},
      {"type: web-identity, web_identity_token: \"${SECRET}\"", "role_arn"},
      {"type: web-identity, web_identity_token: \"${SECRET}\", role_arn: role-a", "a role's ARN"},
      {"type: assumed-role-based, access_key_id: a, secret_access_key: b", "assumed_role_arn"},
      {"type: assumed-role-based, assumed_role_arn: \"arn:aws:iam::1:role/a\"", "access_key_id"},
      {"type: instance-profile, session_name: \"a b\"", "letters, digits"},
      {"type: instance-profile, endpoint: metadata", "absolute http"},
  };
  for (const auto& [auth_data, finding] : rows) {
    INFO(auth_data);
    const LoadResult result = account_with(auth_data);
    CHECK_FALSE(result.configuration);
    CHECK(findings_of(result).find(finding) != std::string::npos);
  }
}

TEST_CASE("a region must be known, and words must be right") {
  struct Row {
    const char* name;
    const char* more;
    const char* finding;  ///< Empty: none.
  };
  const Row rows[] = {
      {"none", "", "no region"},
      {"an ARN has one", "arn", ""},
      {"the model's", "region", ""},
      {"an unknown api", "api", "invoke"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    std::string model = "{name: a, model_id: amazon.nova-pro-v1:0}";
    if (row.more == std::string("arn")) {
      model =
          "{name: a, model_id: \"arn:aws:bedrock:us-east-1:1:application-inference-profile/x\"}";
    } else if (row.more == std::string("region")) {
      model = "{name: a, model_id: amazon.nova-pro-v1:0, region: us-east-1}";
    } else if (row.more == std::string("api")) {
      model = "{name: a, model_id: amazon.nova-pro-v1:0, region: us-east-1, api: invok}";
    }
    const LoadResult result = load_text(
        "type: provider-account/aws-bedrock\nname: main\n"
        "auth_data: {type: api-key, api_key: k}\nintegrations: [" +
        model + "]\n");
    const std::string lines = findings_of(result);
    INFO(lines);
    if (row.finding[0] == '\0') {
      CHECK(result.configuration);
    } else {
      CHECK_FALSE(result.configuration);
      CHECK(lines.find(row.finding) != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace tollgate::config
