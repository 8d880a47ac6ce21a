#include "base/base64.hpp"
#include "config/account_types.hpp"
#include "config/support.hpp"
#include "providers/openai_compatible/rows.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

using providers::AuthKind;

std::string account_text(std::string_view type, std::string_view lines) {
  return "type: provider-account/" + std::string(type) + "\nname: main\n" + std::string(lines);
}

std::shared_ptr<const Configuration> loaded(std::string_view type, std::string_view lines) {
  const LoadResult result = load_text(account_text(type, lines));
  CAPTURE(type, lines, findings_of(result));
  REQUIRE(result.configuration);
  return result.configuration;
}

constexpr std::string_view kModel = "integrations: [{name: a, model_id: b}]\n";

TEST_CASE("every compatible provider is an account type of the same fields") {
  for (const providers::CompatibleRow& row : providers::compatible_rows()) {
    CAPTURE(row.type);
    std::string lines =
        "auth_data: {type: api-key, api_key: sk-1}\nintegrations:\n"
        "  - {name: a, model_id: b, api: chat, model_types: [chat], type: "
        "integration/model/" +
        std::string(row.type) + "}\n";
    if (row.base_url.empty()) lines += "base_url: https://models.example/v1/\n";
    const auto configuration = loaded(row.type, lines);
    const providers::Account& account = configuration->accounts.at(0);
    CHECK(account.type == row.type);
    CHECK(account.auth == AuthKind::kApiKey);
    CHECK(account.credential.reveal() == "sk-1");
    CHECK(account.base_url ==
          (row.base_url.empty() ? std::string_view("https://models.example/v1") : row.base_url));
    CHECK(configuration->catalog.integrations().at(0).api == "chat");
  }
}

TEST_CASE("hosted services need a key, servers of one's own do not") {
  for (const providers::CompatibleRow& row : providers::compatible_rows()) {
    CAPTURE(row.type);
    const std::string text =
        account_text(row.type, "base_url: https://models.example/v1\n" + std::string(kModel));
    const std::string found = findings_of(load_text(text));
    CHECK(found == (row.needs_key ? "t.yaml:1:1: auth_data: is required\n" : ""));
  }
}

struct UrlCase {
  const char* name;
  const char* type;
  const char* lines;
  const char* url;
};

const UrlCase kUrls[] = {
    {"a server's bare address", "self-hosted-model", "base_url: http://127.0.0.1:8000",
     "http://127.0.0.1:8000/v1"},
    {"a server's whole address", "self-hosted-model", "base_url: http://127.0.0.1:8000/api/v1",
     "http://127.0.0.1:8000/api/v1"},
    {"Ollama elsewhere", "ollama", "base_url: https://ollama.example", "https://ollama.example/v1"},
    {"Ollama here", "ollama", "ownedBy: {}", "http://127.0.0.1:11434/v1"},
    {"a Databricks workspace", "databricks",
     "base_url: https://adb-1.azuredatabricks.net\nauth_data: {type: api-key, api_key: k}",
     "https://adb-1.azuredatabricks.net/serving-endpoints"},
    {"a Snowflake account", "snowflake-cortex",
     "account_identifier: org-acct\nauth_data: {type: pat-token, pat_token: k}",
     "https://org-acct.snowflakecomputing.com/api/v2/cortex/v1"},
    {"a proxy in front of OpenAI", "openai",
     "base_url: https://proxy.example/openai\nauth_data: {type: bearer-auth, bearer_token: k}",
     "https://proxy.example/openai"},
};

TEST_CASE("addresses are completed where they are bare") {
  for (const UrlCase& row : kUrls) {
    CAPTURE(row.name);
    const auto configuration =
        loaded(row.type, std::string(row.lines) + "\n" + std::string(kModel));
    CHECK(configuration->accounts.at(0).base_url == row.url);
  }
}

TEST_CASE("a server's models may each have an address, a key and a kind of their own") {
  const auto configuration = loaded("self-hosted-model",
                                    "headers: {x-team: a}\n"
                                    "model_server: sglang\n"
                                    "base_url: http://127.0.0.1:1/v1\n"
                                    "auth_data: {type: api-key, api_key: shared}\n"
                                    "integrations:\n"
                                    "  - {name: plain, model_id: m1}\n"
                                    "  - name: own\n"
                                    "    type: integration/model/self-hosted-model\n"
                                    "    hosted_model_name: Qwen/Qwen3-Coder\n"
                                    "    url: http://127.0.0.1:8000\n"
                                    "    model_server: vllm-openai\n"
                                    "    model_types: [chat]\n"
                                    "    auth_data: {type: basic-auth, username: u, password: p}\n"
                                    "    headers: {x-model: b}\n"
                                    "    tls_settings: {reject_unauthorized: true}\n"
                                    "  - {name: elsewhere, model_id: m3, url: "
                                    "'https://other.example/v1'}\n");
  const std::vector<router::Integration>& models = configuration->catalog.integrations();
  REQUIRE(models.size() == 3);
  const providers::Account& plain = configuration->accounts.at(models[0].account);
  CHECK(plain.base_url == "http://127.0.0.1:1/v1");
  CHECK(plain.server == "sglang");

  const providers::Account& own = configuration->accounts.at(models[1].account);
  CHECK(models[1].model_id == "Qwen/Qwen3-Coder");
  CHECK(models[1].account_name == "main");
  CHECK(own.name == "main");
  CHECK(own.base_url == "http://127.0.0.1:8000/v1");
  CHECK(own.server == "vllm-openai");
  CHECK(own.auth == AuthKind::kBasic);
  CHECK(own.credential.reveal() == base64_encode("u:p"));
  using Headers = std::vector<std::pair<std::string, std::string>>;
  CHECK(own.headers == Headers{{"x-team", "a"}, {"x-model", "b"}});

  // The account's key is for the account's address.
  const providers::Account& elsewhere = configuration->accounts.at(models[2].account);
  CHECK(elsewhere.base_url == "https://other.example/v1");
  CHECK(elsewhere.auth == AuthKind::kNone);
  CHECK(elsewhere.credential.empty());
  CHECK(configuration->account_grants.size() == configuration->accounts.size());
  CHECK(configuration->catalog.resolve("main/own").target.integration == 1);
}

TEST_CASE("models of a server are reached at their own addresses alone") {
  const auto configuration = loaded("self-hosted-model",
                                    "integrations:\n"
                                    "  - {name: a, hosted_model_name: m, url: http://127.0.0.1:1, "
                                    "model_server: openai-compatible}\n");
  CHECK(configuration->accounts.at(configuration->catalog.integrations().at(0).account).base_url ==
        "http://127.0.0.1:1/v1");
}

const FindingCase kFaults[] = {
    {"a server without an address",
     "self-hosted-model\nname: main\n"
     "integrations: [{name: a, model_id: b}]\n",
     "t.yaml:1:1: base_url: is required\n"},
    {"an unknown kind of server",
     "self-hosted-model\nname: main\nbase_url: http://127.0.0.1:1\n"
     "model_server: vlm\nintegrations: [{name: a, model_id: b}]\n",
     "t.yaml:4:15: model_server: must be one of openai-compatible, vllm, vllm-openai, sglang, "
     "llama-cpp, lm-studio, ollama, found is vlm (did you mean vllm?)\n"},
    {"a model without an id",
     "self-hosted-model\nname: main\nbase_url: http://127.0.0.1:1\n"
     "integrations: [{name: a}]\n",
     "t.yaml:4:16: integrations[0].model_id: is required\n"},
    {"an API that a service has not",
     "mistral-ai\nname: main\n"
     "auth_data: {type: api-key, api_key: k}\n"
     "integrations: [{name: a, model_id: b, api: responses}]\n",
     "t.yaml:4:44: integrations[0].api: must be one of chat, found is responses\n"},
    {"another provider's kind",
     "groq\nname: main\nauth_data: {type: api-key, api_key: k}\n"
     "integrations: [{name: a, model_id: b, type: integration/model/openai}]\n",
     "t.yaml:4:45: integrations[0].type: must be one of integration/model/groq, found is "
     "integration/model/openai\n"},
    {"a region where there is none",
     "openai\nname: main\nregion: eu\n"
     "auth_data: {type: api-key, api_key: k}\nintegrations: [{name: a, model_id: b}]\n",
     "t.yaml:3:1: region: unknown key; known here are type, name, base_url, auth_data, "
     "collaborators, ownedBy, headers, tls_settings, proxy, deny_private, timeouts, "
     "health_check, discount_percent, max_concurrent_requests, requests_per_minute, "
     "tokens_per_minute, "
     "queue_seconds, integrations\n"},
};

TEST_CASE("faulty accounts of the OpenAI family are reported where they stand") {
  for (const FindingCase& row : kFaults) {
    CAPTURE(row.name);
    const std::string text = "type: provider-account/" + std::string(row.text);
    CHECK(findings_of(load_text(text)) == row.findings);
  }
}

}  // namespace
}  // namespace tollgate::config
