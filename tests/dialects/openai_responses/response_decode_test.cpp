#include "dialects/openai_responses/through.hpp"
#include "json/reader.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using Lines = std::vector<std::string>;

TEST_CASE("recorded whole answers are decoded") {
  struct Row {
    const char* file;
    size_t blocks;
    model::StopReason stop;
    int64_t prompt;
  };
  const Row rows[] = {
      {"azure-responses-json-tool.json", 1, model::StopReason::kToolUse, 0},
      {"azure-responses-json-web-search.json", 5, model::StopReason::kEndTurn, 10188},
      {"openai-responses-json-interleaved-reasoning-tools.json", 2, model::StopReason::kToolUse,
       88},
      {"openai-responses-json-parallel-wrapper.json", 2, model::StopReason::kToolUse, 34},
      {"xai-responses-json-parallel-tools.json", 3, model::StopReason::kToolUse, 396},
  };
  for (const Row& row : rows) {
    for (const auto& path : test::recordings("openai", row.file)) {
      INFO(row.file);
      Translation translation = thinking_client();
      translation.declared_tools = {"weather", "cityAttractions"};
      const model::Response response = whole_answer(test::read_file(path), translation);
      CHECK(response.content.size() == row.blocks);
      CHECK(response.stop_reason == row.stop);
      if (row.prompt != 0) CHECK(response.usage.tokens.prompt() == row.prompt);
      CHECK(response.usage.tokens.output > 0);
    }
  }
}

TEST_CASE("a whole answer and a stream that is only its last event are the same") {
  for (const auto& path : test::recordings("openai", ".json")) {
    const std::string name = path.filename().string();
    if (name.find("-responses-json-") == std::string::npos ||
        name.find("input-tokens") != std::string::npos || name.ends_with(".meta.json")) {
      continue;
    }
    INFO(name);
    std::string body = test::read_file(path);
    Translation translation = thinking_client();
    const model::Response whole = whole_answer(body, translation);
    for (char& c : body) {
      if (c == '\n') c = ' ';
    }
    Translation twin = thinking_client();
    const model::Response streamed =
        stream_answer({"{\"type\":\"response.completed\",\"response\":" + body + "}"}, twin);
    CHECK(streamed == whole);
  }
}

TEST_CASE("what is no answer is refused") {
  for (const char* body : {"", "{", "[]", "{}", R"({"error":{"message":"no"}})", R"({"output":{}})",
                           R"({"status":"failed","output":[],"error":{"message":"Broken."}})"}) {
    INFO(body);
    Translation translation;
    CHECK_FALSE(dialect().decode_response(body, translation).ok());
  }
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
