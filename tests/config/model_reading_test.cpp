#include "config/model_reading.hpp"

#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

TEST_CASE("models are read with their names, ids and kinds") {
  const LoadResult result = load_text(
      "type: provider-account/anthropic\nname: main\nintegrations:\n"
      "  - {name: sonnet, model_id: claude-sonnet-4, display_name: Sonnet, "
      "type: integration/model/anthropic, model_types: [chat, responses]}\n"
      "  - {name: \"*\"}\n");
  REQUIRE(result.configuration);
  const std::vector<router::Integration>& models = result.configuration->catalog.integrations();
  REQUIRE(models.size() == 2);
  CHECK(models[0].account_name == "main");
  CHECK(models[0].model_id == "claude-sonnet-4");
  CHECK(models[0].display_name == "Sonnet");
  CHECK(models[0].model_types == std::vector<std::string>{"chat", "responses"});
  CHECK(models[1].is_wildcard());
  CHECK(models[1].model_types == std::vector<std::string>{"chat"});
}

TEST_CASE("capabilities are kept and replace the known facts") {
  const LoadResult result = load_text(
      "type: provider-account/anthropic\nname: main\nintegrations:\n"
      "  - name: a\n    model_id: some-model\n    capabilities: {images: true, pdf: false, tools: "
      "true, thinking: false, structured_output: true, context_window: 32768, max_output_tokens: "
      "4096, min_output_tokens: 16, sampling: false, stop_sequences: false, parallel_tool_switch: "
      "false, thinks_by_default: true, efforts: [low, high], token_field: max_completion_tokens, "
      "system_role: prepend, think_tags: close_only}\n"
      "  - {name: \"*\", capabilities: {context_window: 8192}}\n");
  REQUIRE(result.configuration);
  const std::vector<router::Integration>& models = result.configuration->catalog.integrations();
  model::ModelFacts facts;
  facts.context_window = 32'768;
  facts.output_tokens_max = 4'096;
  facts.output_tokens_min = 16;
  facts.images = true;
  facts.pdf = false;
  facts.tools = true;
  facts.thinking = false;
  facts.structured_output = true;
  facts.takes_sampling = false;
  facts.takes_stop = false;
  facts.takes_parallel_switch = false;
  facts.efforts = {"low", "high"};
  facts.thinks_unasked = true;
  facts.token_field = "max_completion_tokens";
  facts.system_role = "prepend";
  facts.think_tags = "close_only";
  CHECK(models.at(0).facts == facts);
  CHECK(models.at(1).facts == model::ModelFacts{});
  CHECK(models.at(1).said.context_window == 8'192);
}

const FindingCase kModelFaults[] = {
    {"a capability of another kind", "{name: a, model_id: b, capabilities: {images: maybe}}",
     "t.yaml:3:62: integrations[0].capabilities.images: must be true or false, found is a "
     "string\n"},
    {"an unknown capability", "{name: a, model_id: b, capabilities: {imagse: true}}",
     "t.yaml:3:54: integrations[0].capabilities.imagse: unknown key (did you mean images?)\n"},
    {"a window of no tokens", "{name: a, model_id: b, capabilities: {context_window: 0}}",
     "t.yaml:3:70: integrations[0].capabilities.context_window: must be a whole number from 1 to "
     "1000000000\n"},
    {"a field nobody has", "{name: a, model_id: b, capabilities: {token_field: tokens}}",
     "t.yaml:3:67: integrations[0].capabilities.token_field: must be one of max_tokens, "
     "max_completion_tokens, found is tokens (did you mean max_tokens?)\n"},
    {"a choice of API where there is one", "{name: a, model_id: b, api: chat}",
     "t.yaml:3:39: integrations[0].api: is not supported by this version of tollgate: remove it\n"},
    {"a region where there is none", "{name: a, model_id: b, region: eu}",
     "t.yaml:3:39: integrations[0].region: is not supported by this version of tollgate: remove "
     "it\n"},
    {"a misspelt key", "{name: a, model_idd: b}",
     "t.yaml:3:16: integrations[0].model_id: is required\n"
     "t.yaml:3:26: integrations[0].model_idd: unknown key (did you mean model_id?)\n"},
    {"an id under a wildcard", "{name: '*', model_id: b}",
     "t.yaml:3:38: integrations[0].model_id: name \"*\" passes the id that the client asks for: "
     "remove model_id\n"},
    {"a space in a name", "{name: a b, model_id: b}",
     "t.yaml:3:23: integrations[0].name: must be 1 to 512 characters without spaces\n"},
    {"another provider's kind", "{name: a, model_id: b, type: integration/model/openai}",
     "t.yaml:3:45: integrations[0].type: must be one of integration/model/anthropic, found is "
     "integration/model/openai\n"},
    {"an unknown model type", "{name: a, model_id: b, model_types: [chatt]}",
     "t.yaml:3:53: integrations[0].model_types[0]: unknown model type chatt (did you mean "
     "chat?)\n"},
    {"a model for something else", "{name: a, model_id: b, model_types: [embedding]}",
     "t.yaml:3:52: integrations[0].model_types: warning: this version serves chat only: requests "
     "for this model are sent as chat\n"},
    {"no room at all", "{name: a, model_id: b, requests_per_minute: 0}",
     "t.yaml:3:60: integrations[0].requests_per_minute: must be a whole number from 1 to "
     "1000000\n"},
    {"a model twice", "{name: a, model_id: b}, {name: a, model_id: c}",
     "t.yaml:3:47: integrations[1].name: a second integration of this name, the first is in line "
     "3\n"},
};

TEST_CASE("faulty models are reported where they stand") {
  for (const FindingCase& row : kModelFaults) {
    CAPTURE(row.name);
    const std::string text = "type: provider-account/anthropic\nname: main\nintegrations: [" +
                             std::string(row.text) + "]\n";
    CHECK(findings_of(load_text(text)) == row.findings);
  }
}

}  // namespace
}  // namespace tollgate::config
