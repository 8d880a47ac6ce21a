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
