#include "providers/openai_compatible/rows.hpp"

#include <set>

#include "support/catch.hpp"
#include "wire/url.hpp"

namespace tollgate::providers {
namespace {

TEST_CASE("every row stands once, with a sound address and a name for its server") {
  std::set<std::string_view> seen;
  for (const CompatibleRow& row : compatible_rows()) {
    CAPTURE(row.type);
    CHECK(seen.insert(row.type).second);
    CHECK(find_compatible_row(row.type) == &row);
    CHECK((row.base_url.empty() || wire::parse_base_url(row.base_url).ok()));
    CHECK_FALSE(row.base_url.ends_with('/'));
    CHECK((row.traits.name == "openai") == (row.type == "openai"));
    CHECK((row.responses || !row.prefers_responses));
    CHECK((row.responses || !row.counts_tokens));
  }
  for (const char* type : {"openai", "xai", "openrouter", "groq", "self-hosted-model", "ollama"}) {
    CHECK(seen.count(type) == 1);
  }
  CHECK(find_compatible_row("anthropic") == nullptr);
}

TEST_CASE("pictures go as each service reads them") {
  CHECK_FALSE(find_compatible_row("xai")->traits.webp_and_gif);
  CHECK(find_compatible_row("openai")->traits.webp_and_gif);
  CHECK(server_traits("vllm").webp_and_gif);
}

TEST_CASE("turns are merged where templates want roles to alternate") {
  for (const CompatibleRow& row : compatible_rows()) {
    CAPTURE(row.type);
    CHECK(row.traits.merge_turns == (row.type != "openai" && row.type != "xai"));
  }
  CHECK_FALSE(find_compatible_row("deepseek")->traits.schema_answers);
}

TEST_CASE("what a server of one's own takes follows from its kind") {
  CHECK(server_traits("vllm").reasoning_field == "reasoning");
  CHECK(server_traits("vllm-openai").name == "vllm");
  CHECK(server_traits("sglang").reasoning_field == "reasoning_content");
  CHECK_FALSE(server_traits("llama-cpp").null_content);
  CHECK_FALSE(server_traits("ollama").named_tool_choice);
  CHECK(server_traits("ollama").inline_refs);
  CHECK(server_traits("openai-compatible").name == "openai-compatible");
  CHECK(server_traits("of another world").name == "openai-compatible");
  for (const std::string_view name : server_names()) {
    CAPTURE(name);
    const model::UpstreamTraits traits = server_traits(name);
    CHECK_FALSE(traits.pdf_parts);
    CHECK_FALSE(traits.identity_fields);
    CHECK_FALSE(traits.system_in_place);
  }
}

}  // namespace
}  // namespace tollgate::providers
