#include "model/model_facts.hpp"

#include <set>
#include <string>

#include "model/model_table.hpp"
#include "support/catch.hpp"

namespace tollgate::model {
namespace {

TEST_CASE("what a configuration says replaces what is known, and nothing else") {
  ModelFacts facts;
  facts.context_window = 200'000;
  facts.images = true;
  facts.efforts = {"low"};
  FactOverrides said;
  said.context_window = 100'000;
  said.takes_sampling = false;
  said.efforts = std::vector<std::string>{};
  apply(said, facts);
  CHECK(facts.context_window == 100'000);
  CHECK(facts.images == true);
  CHECK_FALSE(facts.takes_sampling);
  CHECK(facts.efforts.empty());
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts)
    text += (text.empty() ? "" : ",") + part;
  return text;
}

struct Known {
  std::string_view provider;
  std::string_view id;
  int64_t window;
  int64_t output;
  std::string_view efforts;
  std::string_view api = {};
};

constexpr std::string_view kMax = "none,low,medium,high,xhigh,max";
constexpr std::string_view kXhigh = "none,low,medium,high,xhigh";
constexpr std::string_view kHigh = "low,medium,high";
constexpr std::string_view kMinimal = "minimal,low,medium,high";
constexpr std::string_view kClaude = "low,medium,high,xhigh,max";

const Known kKnown[] = {
    {"openai", "gpt-6.2-astra", 1'050'000, 128'000, kMax, "responses"},
    {"openai", "gpt-5.6-terra", 1'050'000, 128'000, kMax, "responses"},
    {"openai", "gpt-5.5", 1'050'000, 128'000, kXhigh, "responses"},
    {"openai", "gpt-5.5-pro-2026-02-01", 1'050'000, 128'000, "medium,high,xhigh", "responses"},
    {"openai", "gpt-5.4", 1'050'000, 128'000, kXhigh, "responses"},
    {"openai", "gpt-5.4-mini", 400'000, 128'000, kXhigh, "responses"},
    {"openai", "gpt-5.3-codex", 400'000, 128'000, kXhigh, "responses"},
    {"openai", "gpt-5.3-codex-spark", 128'000, 32'000, kXhigh, "responses"},
    {"openai", "gpt-5.2-chat-latest", 128'000, 16'384, "medium", "responses"},
    {"openai", "gpt-5.2-pro", 400'000, 128'000, kHigh, "responses"},
    {"openai", "gpt-5.1-codex-max", 400'000, 128'000, "low,medium,high,xhigh", "responses"},
    {"openai", "gpt-5.1-codex-mini", 400'000, 128'000, kHigh, "responses"},
    {"openai", "gpt-5.1", 400'000, 128'000, "none,low,medium,high", "responses"},
    {"openai", "gpt-5-2025-08-07", 400'000, 128'000, kMinimal, "responses"},
    {"openai", "gpt-5-mini", 400'000, 128'000, kMinimal, "responses"},
    {"openai", "gpt-5-pro", 400'000, 272'000, "high", "responses"},
    {"openai", "gpt-5-chat-latest", 128'000, 16'384, ""},
    {"openai", "o4-mini", 200'000, 100'000, kHigh, "responses"},
    {"openai", "o3-mini-2025-01-31", 200'000, 100'000, kHigh, "responses"},
    {"openai", "o1-mini", 128'000, 65'536, ""},
    {"openai", "gpt-4.1-nano", 1'047'576, 32'768, ""},
    {"openai", "gpt-4o-2024-05-13", 128'000, 4'096, ""},
    {"openai", "gpt-4o-mini", 128'000, 16'384, ""},
    {"openai", "ft:gpt-4o-mini:corp::abc", 128'000, 16'384, ""},
    {"openai", "gpt-4-1106-preview", 0, 0, ""},
    {"azure-openai", "GPT-5.6-Sol", 1'050'000, 128'000, kMax, "responses"},
    {"openrouter", "openai/gpt-5.6-terra", 1'050'000, 128'000, kMax},
    {"openrouter", "anthropic/claude-opus-4.5", 200'000, 64'000, kHigh},
    {"anthropic", "claude-fable-5-2", 1'000'000, 128'000, kClaude},
    {"anthropic", "claude-sonnet-4-6", 1'000'000, 64'000, "low,medium,high,max"},
    {"anthropic", "claude-sonnet-4-5-20250929", 200'000, 64'000, ""},
    {"anthropic", "claude-sonnet-4-20250514", 200'000, 64'000, ""},
    {"anthropic", "claude-opus-4-1-20250805", 200'000, 32'000, ""},
    {"anthropic", "claude-3-5-haiku-20241022", 200'000, 8'192, ""},
    {"anthropic", "claude-unheard-of-9", 0, 0, ""},
    {"google-vertex", "claude-opus-4-5@20251101", 200'000, 64'000, kHigh},
    {"google-vertex", "anthropic/claude-haiku-4-5@20251001", 200'000, 64'000, ""},
    {"aws-bedrock", "us.anthropic.claude-opus-5-5", 1'000'000, 128'000, kClaude},
    {"aws-bedrock", "global.anthropic.claude-haiku-4-5-20251001-v1:0", 200'000, 64'000, ""},
    {"aws-bedrock",
     "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-5-v1:0",
     1'000'000, 128'000, kClaude},
    {"aws-bedrock", "global.amazon.nova-2-lite-v1:0", 1'000'000, 64'000, kHigh},
    {"aws-bedrock", "amazon.nova-pro-v1:0", 300'000, 10'000, ""},
    {"aws-bedrock", "us.meta.llama4-scout-17b-instruct-v1:0", 10'000'000, 0, ""},
    {"aws-bedrock", "openai.gpt-oss-120b-1:0", 128'000, 0, kHigh},
    {"aws-bedrock", "qwen.qwen3-32b-v1:0", 32'000, 0, ""},
    {"google-gemini", "gemini-4-argon", 1'048'576, 65'536, kHigh},
    {"google-gemini", "gemini-4-hydrogen", 1'048'576, 65'536, "low,medium,high,xhigh"},
    {"google-gemini", "gemini-3-pro-preview", 1'048'576, 65'536, "low,high"},
    {"google-gemini", "gemini-3-flash-preview", 1'000'000, 65'536, kMinimal},
    {"google-gemini", "gemini-3.7-flash", 1'000'000, 65'536, kHigh},
    {"google-gemini", "gemini-3.5-flash-lite", 1'000'000, 65'536, kMinimal},
    {"google-gemini", "gemini-2.5-pro", 1'048'576, 65'536, ""},
    {"xai", "grok-4.3", 1'000'000, 30'000, "none,low,medium,high"},
    {"xai", "grok-4.5-latest", 500'000, 0, kHigh},
    {"xai", "grok-4.20-0309-non-reasoning", 1'000'000, 30'000, ""},
    {"xai", "grok-3-mini", 131'072, 0, "low,high"},
    {"deepseek", "deepseek-reasoner", 1'000'000, 384'000, ""},
    {"self-hosted-model", "openai/gpt-oss-20b", 0, 0, kHigh},
    {"ollama", "gpt-oss:20b", 0, 0, kHigh},
    {"openai", "some-model-of-tomorrow", 0, 0, ""},
};

TEST_CASE("windows, limits and efforts are known by provider and id") {
  for (const Known& row : kKnown) {
    CAPTURE(row.provider, row.id);
    const ModelFacts facts = known_facts(row.provider, row.id);
    CHECK(facts.context_window == row.window);
    CHECK(facts.output_tokens_max == row.output);
    CHECK(joined(facts.efforts) == row.efforts);
    CHECK(facts.api == row.api);
    CHECK(facts.output_tokens_min == (row.api == "responses" ? 16 : 1));
  }
}

TEST_CASE("what a model refuses is known") {
  CHECK_FALSE(known_facts("openai", "gpt-5.6-sol").takes_sampling);
  CHECK(known_facts("openai", "gpt-5.6-sol").thinks_unasked);
  CHECK(known_facts("openai", "gpt-5.2").takes_sampling);
  CHECK_FALSE(known_facts("openai", "gpt-5.2").thinks_unasked);
  CHECK_FALSE(known_facts("openai", "gpt-5.2").takes_stop);
  CHECK(known_facts("openai", "gpt-4o").takes_stop);
  CHECK_FALSE(known_facts("openai", "o1").takes_parallel_switch);
  CHECK_FALSE(known_facts("openai", "o3-mini").images.value());
  CHECK(known_facts("openai", "gpt-4o").images.value());
  CHECK_FALSE(known_facts("openai", "o1-mini").tools.value());
  CHECK(known_facts("openai", "o1-mini").system_role == "user");
  CHECK(known_facts("self-hosted-model", "google/gemma-3-27b-it").system_role == "prepend");
  CHECK_FALSE(known_facts("xai", "grok-4.5").takes_stop);
  CHECK_FALSE(known_facts("aws-bedrock", "meta.llama3-3-70b-instruct-v1:0").takes_stop);
  CHECK_FALSE(known_facts("aws-bedrock", "us.deepseek.r1-v1:0").tools.value());
  CHECK_FALSE(known_facts("anthropic", "claude-opus-4-7").takes_sampling);
  CHECK(known_facts("anthropic", "claude-opus-4-6").takes_sampling);
  CHECK(known_facts("anthropic", "claude-opus-4-5").images.value());
}

TEST_CASE("the token field is that of the server") {
  CHECK(known_facts("openai", "gpt-5").token_field == "max_completion_tokens");
  CHECK(known_facts("azure-openai", "our-deployment").token_field == "max_completion_tokens");
  CHECK(known_facts("groq", "openai/gpt-oss-20b").token_field.empty());
}

TEST_CASE("of a model nobody knows nothing is said") {
  CHECK(known_facts("groq", "some-model") == ModelFacts{});
  CHECK(known_facts("groq", "") == ModelFacts{});
  CHECK(known_facts("groq", std::string(4'000, '.')) == ModelFacts{});
}

TEST_CASE("every row of the table can be reached") {
  std::set<std::string> seen;
  for (const ModelRow& row : model_table::kRows) {
    CAPTURE(row.pattern);
    CHECK(seen.insert(std::string(row.providers) + "|" + std::string(row.pattern)).second);
    CHECK((row.output <= row.window || row.window == 0));
    // An id made of the pattern finds this row's facts, unless a row before it takes them.
    std::string id;
    for (const char c : row.pattern)
      id += c == '*' ? 'x' : c == '?' ? '7' : c;
    const std::string provider(row.providers.substr(0, row.providers.find(',')));
    const ModelFacts facts = known_facts(provider, id);
    const bool own_windows = provider == "ollama" || provider == "self-hosted-model";
    CHECK(facts.context_window == (own_windows ? 0 : row.window));
    CHECK(facts.thinking == row.thinking);
    CHECK(joined(facts.efforts) == row.efforts);
  }
}

}  // namespace
}  // namespace tollgate::model
