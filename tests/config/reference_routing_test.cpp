#include <algorithm>

#include "config/support.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

// Routing as files of the gateway we are compatible with have it, read where it is described. That
// description is no part of the project, and the test says so where it is absent.
namespace tollgate::config {
namespace {

/// What the examples name as targets and subjects, and do not define themselves.
constexpr std::string_view kAround = R"(
type: provider-account/anthropic
name: anthropic-eng
auth_data: {type: api-key, api_key: k}
integrations:
  - {name: claude-sonnet-4-5, model_id: claude-sonnet-4-5}
  - {name: claude-haiku-4-5, model_id: claude-haiku-4-5}
  - {name: claude-opus-4-6, model_id: claude-opus-4-6}
---
type: provider-account/aws-bedrock
name: bedrock-eu
region: eu-west-1
auth_data: {type: api-key, api_key: k}
integrations: [{name: claude-sonnet-4-5, model_id: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"}]
---
type: provider-account/aws-bedrock
name: bedrock-us
region: us-east-1
auth_data: {type: api-key, api_key: k}
integrations: [{name: claude-sonnet-4-5, model_id: "us.anthropic.claude-sonnet-4-5-20250929-v1:0"}]
---
type: provider-account/aws-bedrock
name: aws-claude
region: us-east-1
auth_data: {type: api-key, api_key: k}
integrations: [{name: claude-opus-4-6, model_id: us.anthropic.claude-opus-4-6-v1}]
---
type: provider-account/openai
name: openai-eng
auth_data: {type: api-key, api_key: k}
integrations: [{name: gpt-5, model_id: gpt-5}]
---
type: provider-account/google-vertex
name: vertex-eng
project_id: p
region: us-central1
auth_data: {type: access-token, access_token: t}
integrations: [{name: gemini-2.5-flash, model_id: gemini-2.5-flash}]
---
type: provider-account/self-hosted-model
name: selfhost
base_url: http://127.0.0.1:8000/v1
integrations: [{name: qwen3-coder, model_id: qwen3-coder}]
---
{type: virtual-account, name: ci-bot, tokens: [{env: TOKEN_1}]}
---
{type: user, name: lead@corp.example, tokens: [{env: TOKEN_2}]}
---
{type: team, name: engineering, members: [lead@corp.example]}
---
{type: team, name: qa, members: [lead@corp.example]}
---
)";

std::vector<std::string> yaml_examples(const std::string& page) {
  constexpr std::string_view kOpen = "```yaml\n";
  std::vector<std::string> examples;
  for (size_t at = page.find(kOpen); at != std::string::npos; at = page.find(kOpen, at)) {
    const size_t from = at + kOpen.size();
    const size_t to = page.find("```\n", from);
    if (to == std::string::npos) break;
    examples.push_back(page.substr(from, to - from));
    at = to;
  }
  return examples;
}

std::vector<std::string> reference_examples() {
  const std::filesystem::path page =
      test::recordings_folder().parent_path() / "reference" / "truefoundry-compat.md";
  std::vector<std::string> examples = yaml_examples(test::read_file(page));
  if (examples.empty()) std::printf("skipped: no examples in %s\n", page.c_str());
  return examples;
}

LoadResult load_around(std::string_view example) {
  const FakeHost host{{{"TOKEN_1", "t1"}, {"TOKEN_2", "t2"}}, {}};
  return load_text(std::string(kAround) + std::string(example), host);
}

bool is_routing(const std::string& example) {
  return example.find("type: provider-account/virtual-model") != std::string::npos ||
         example.find("type: gateway-load-balancing-config") != std::string::npos;
}

TEST_CASE("routing of the reference loads as it stands; only a prompt is without effect") {
  const std::vector<std::string> examples = reference_examples();
  size_t found = 0;
  for (const std::string& example : examples) {
    if (!is_routing(example)) continue;
    ++found;
    CAPTURE(example);
    const LoadResult result = load_around(example);
    CHECK(result.configuration);
    for (const Diagnostic& one : result.diagnostics) {
      CAPTURE(to_line(one));
      CHECK(one.severity == Severity::kWarning);
      if (one.path.empty()) continue;  // About the text as a whole: an unknown price.
      CHECK(one.path.find("prompt_version_fqn") != std::string::npos);
    }
  }
  CHECK((examples.empty() || found >= 2));
}

TEST_CASE("the reference's global retry settings load as they stand") {
  const std::vector<std::string> examples = reference_examples();
  size_t found = 0;
  for (const std::string& example : examples) {
    const size_t at = example.find("retry_settings:");
    if (at == std::string::npos) continue;
    ++found;
    const std::string line = example.substr(at, example.find('\n', at) - at);
    CAPTURE(line);
    const LoadResult result = load_around("type: gateway-global-settings\nname: g\n" + line + "\n");
    CHECK(findings_of(result).empty());
    REQUIRE(result.configuration);
    CHECK(result.configuration->retry.configured);
  }
  CHECK((examples.empty() || found == 1));
}

}  // namespace
}  // namespace tollgate::config
