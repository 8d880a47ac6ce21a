#include "dialects/openai_responses/through.hpp"
#include "dialects/same_json.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

TEST_CASE("a whole answer as clients read it") {
  model::Response response;
  response.model = "claude";
  response.content.resize(3);
  response.content[1].text = "Hi";
  response.content[2].kind = model::BlockKind::kToolUse;
  response.content[2].id = "toolu_1";
  response.content[2].name = "f";
  response.content[2].input = R"({"a":1})";
  response.stop_reason = model::StopReason::kToolUse;
  response.usage.tokens.input = 3;
  response.usage.tokens.cache_read = 7;
  response.usage.tokens.output = 2;
  Translation translation = thinking_client();
  translation.created_at_s = 1700000000;
  std::string out;
  REQUIRE(dialect().encode_response(response, translation, out).ok());
  json::Document document;
  const auto parsed = document.parse(out);
  REQUIRE(parsed.ok());
  const json::Value root = parsed.value();
  CHECK(root["id"].string_or("").starts_with("resp_"));
  CHECK(root["object"].string_or("") == "response");
  CHECK(root["created_at"].integer() == 1700000000);
  CHECK(root["status"].string_or("") == "completed");
  CHECK(root["model"].string_or("") == "coding/gpt");
  CHECK(root["error"].is_null());
  CHECK(root["usage"]["input_tokens"].integer() == 10);
  CHECK(root["usage"]["total_tokens"].integer() == 12);
  // The empty text is none.
  REQUIRE(root["output"].size() == 2);
  Translation again = thinking_client();
  const model::Response reread = whole_answer(out, again);
  CHECK(told(reread) == std::vector<std::string>{"text:Hi", R"(call:f {"a":1})"});
  CHECK(reread.usage == response.usage);
  CHECK(reread.stop_reason == response.stop_reason);
}

TEST_CASE("recorded answers say the same through the hub and back") {
  for (const auto& path : test::recordings("openai", ".json")) {
    const std::string name = path.filename().string();
    if (name.find("-responses-json-") == std::string::npos ||
        name.find("input-tokens") != std::string::npos || name.ends_with(".meta.json")) {
      continue;
    }
    INFO(name);
    Translation translation = thinking_client();
    const model::Response first = whole_answer(test::read_file(path), translation);
    std::string out;
    REQUIRE(dialect().encode_response(first, translation, out).ok());
    Translation twin = thinking_client();
    const model::Response second = whole_answer(out, twin);
    CHECK(second.stop_reason == first.stop_reason);
    CHECK(second.usage.tokens == first.usage.tokens);
    const auto lines = told(first);
    const auto again = told(second);
    REQUIRE(lines.size() == again.size());
    for (size_t i = 0; i < lines.size(); ++i) {
      if (!lines[i].starts_with("found:")) CHECK(lines[i] == again[i]);
    }
  }
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
