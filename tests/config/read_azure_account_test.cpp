#include "config/account_types.hpp"
#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

using providers::AuthKind;

std::shared_ptr<const Configuration> loaded(std::string_view text) {
  const LoadResult result = load_text(text);
  CAPTURE(text, findings_of(result));
  REQUIRE(result.configuration);
  return result.configuration;
}

TEST_CASE("an Azure account has a host, a version and deployments") {
  const auto configuration = loaded(
      "type: provider-account/azure-openai\nname: azure\n"
      "base_url: https://res.openai.azure.com/openai/v1/\n"
      "api_version: 2025-04-01-preview\n"
      "auth_data: {type: api-key, api_key: k}\n"
      "integrations:\n"
      "  - {name: plain, model_id: gpt-4o}\n"
      "  - {name: renamed, model_id: gpt-5.6-sol, deployment: our-best, api_version: v1, api: "
      "responses}\n"
      "  - {name: foreign, model_id: team-x, foundation_model: gpt-4.1, type: "
      "integration/model/azure-openai, deployment_type: standard}\n");
  const providers::Account& account = configuration->accounts.at(0);
  CHECK(account.base_url == "https://res.openai.azure.com");
  CHECK(account.api_version == "2025-04-01-preview");
  CHECK(account.auth == AuthKind::kApiKey);
  const std::vector<router::Integration>& models = configuration->catalog.integrations();
  CHECK(models.at(0).model_id == "gpt-4o");
  CHECK(models.at(0).known_as.empty());
  CHECK(models.at(0).facts.context_window == 128'000);
  CHECK(models.at(1).model_id == "our-best");
  CHECK(models.at(1).known_as == "gpt-5.6-sol");
  CHECK(models.at(1).facts.api == "responses");
  CHECK(models.at(1).api_version == "v1");
  CHECK(models.at(1).api == "responses");
  CHECK(models.at(2).model_id == "team-x");
  CHECK(models.at(2).known_as == "gpt-4.1");
  CHECK(models.at(2).facts.context_window == 1'047'576);
}

TEST_CASE("an identity of the machine or of another issuer needs no secret") {
  const std::string rest =
      "integrations: [{name: a, model_id: gpt-4o}]\n---\n"
      "type: provider-account/azure-foundry\nname: foundry\nbase_url: https://r.example/openai/v1\n"
      "auth_data: {type: workload-identity, tenant_id: t, client_id: c, federated_token: eyJ}\n"
      "integrations: [{name: b, model_id: claude-opus-5-5}]\n";
  const auto configuration = loaded(
      "type: provider-account/azure-openai\nname: azure\nbase_url: https://res.example\n"
      "auth_data: {type: managed-identity, client_id: u-1, endpoint: 'http://127.0.0.1:9/msi'}\n" +
      rest);
  const providers::Account& managed = configuration->accounts.at(0);
  CHECK(managed.auth == AuthKind::kAzureManaged);
  CHECK(managed.client_email == "u-1");
  CHECK(managed.token_uri == "http://127.0.0.1:9/msi");
  const providers::Account& federated = configuration->accounts.at(1);
  CHECK(federated.auth == AuthKind::kEntraFederated);
  CHECK(federated.credential.reveal() == "eyJ");
  CHECK(federated.token_uri == "https://login.microsoftonline.com/t/oauth2/v2.0/token");
  CHECK(loaded("type: provider-account/azure-openai\nname: azure\nbase_url: https://res.example\n"
               "auth_data: {type: managed-identity}\n" +
               rest)
            ->accounts.at(0)
            .token_uri.empty());
}

TEST_CASE("an application's credentials are exchanged at its tenant") {
  for (const char* type : {"oauth", "entra"}) {
    const auto configuration = loaded(
        "type: provider-account/azure-openai\nname: azure\n"
        "azure_endpoint: https://res.openai.azure.com\n"
        "auth_data: {type: " +
        std::string(type) +
        ", tenant_id: t-1, client_id: c-1, client_secret: s-1, subscription_id: x}\n"
        "integrations: [{name: a, model_id: gpt-4o, api_version: 2024-10-21}]\n");
    const providers::Account& account = configuration->accounts.at(0);
    CHECK(account.base_url == "https://res.openai.azure.com");
    CHECK(account.auth == AuthKind::kEntra);
    CHECK(account.client_email == "c-1");
    CHECK(account.credential.reveal() == "s-1");
    CHECK(account.token_uri == "https://login.microsoftonline.com/t-1/oauth2/v2.0/token");
    CHECK(account.scope.empty());
  }
  const auto configuration = loaded(
      "type: provider-account/azure-foundry\nname: azure\nbase_url: https://r.example/openai/v1\n"
      "auth_data: {type: entra, tenant_id: t, client_id: c, client_secret: s, scope: "
      "'api://x/.default', authority: 'http://127.0.0.1:9/'}\n"
      "integrations: [{name: a, model_id: claude-opus-5-5}]\n");
  CHECK(configuration->accounts.at(0).token_uri == "http://127.0.0.1:9/t/oauth2/v2.0/token");
  CHECK(configuration->accounts.at(0).scope == "api://x/.default");
}

TEST_CASE("models in Foundry may bring their own endpoint and key") {
  const auto configuration = loaded(
      "type: provider-account/azure-foundry\nname: foundry\n"
      "integrations:\n"
      "  - name: a\n    type: integration/model/azure-foundry\n    model_id: Phi-4\n"
      "    azure_endpoint: https://m.eastus.models.ai.azure.com\n"
      "    auth_data: {type: api-key, api_key: k1}\n    model_types: [chat]\n");
  const router::Integration& model = configuration->catalog.integrations().at(0);
  const providers::Account& account = configuration->accounts.at(model.account);
  CHECK(account.base_url == "https://m.eastus.models.ai.azure.com");
  CHECK(account.credential.reveal() == "k1");
}

const FindingCase kFaults[] = {
    {"no host",
     "azure-openai\nname: azure\nauth_data: {type: api-key, api_key: k}\n"
     "integrations: [{name: a, model_id: b}]\n",
     "t.yaml:1:1: base_url: is required\n"},
    {"no key",
     "azure-openai\nname: azure\nbase_url: https://r.example\n"
     "integrations: [{name: a, model_id: b}]\n",
     "t.yaml:1:1: auth_data: is required\n"},
    {"no key in Foundry",
     "azure-foundry\nname: azure\nbase_url: https://r.example/openai/v1\n"
     "integrations: [{name: a, model_id: b}]\n",
     "t.yaml:4:16: integrations[0].auth_data: is required\n"},
    {"an account's key for a model's own address",
     "azure-foundry\nname: azure\nbase_url: https://r.example/openai/v1\n"
     "auth_data: {type: api-key, api_key: k}\n"
     "integrations: [{name: a, model_id: b, azure_endpoint: 'https://o.example'}]\n",
     "t.yaml:5:16: integrations[0].auth_data: is required\n"},
    {"half of an application",
     "azure-openai\nname: azure\nbase_url: https://r.example\n"
     "auth_data: {type: oauth, client_id: c, client_secret: s}\n"
     "integrations: [{name: a, model_id: b}]\n",
     "t.yaml:4:12: auth_data.tenant_id: is required\n"},
};

TEST_CASE("faulty Azure accounts are reported where they stand") {
  for (const FindingCase& row : kFaults) {
    CAPTURE(row.name);
    const std::string text = "type: provider-account/" + std::string(row.text);
    CHECK(findings_of(load_text(text)) == row.findings);
  }
}

}  // namespace
}  // namespace tollgate::config
