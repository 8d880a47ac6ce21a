#include "dialects/anthropic_messages/through_model.hpp"
#include "dialects/same_json.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

const char* const kAnswers[] = {
    R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],
        "stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":2,
        "cache_read_input_tokens":3,"cache_creation_input_tokens":0}})",
    R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[
        {"type":"text","text":"a"}],"stop_reason":"stop_sequence","stop_sequence":"x",
        "stop_details":null,"container":{"id":"c"},"context_management":null,
        "usage":{"input_tokens":1,"output_tokens":2,"cache_read_input_tokens":3,
        "cache_creation_input_tokens":9,"cache_creation":{"ephemeral_5m_input_tokens":4,
        "ephemeral_1h_input_tokens":5},"output_tokens_details":{"thinking_tokens":1},
        "server_tool_use":{"web_search_requests":1,"web_fetch_requests":0},
        "service_tier":"standard","inference_geo":"us","speed":"fast","fallback_credit":null,
        "iterations":[{"type":"message","model":"n","input_tokens":1,"output_tokens":2,
        "cache_read_input_tokens":3,"cache_creation_input_tokens":0,"cache_creation":
        {"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"new":1}]}})",
    R"({"id":"","type":"message","role":"assistant","model":"m","content":[],
        "stop_reason":"never_heard_of","stop_sequence":null,
        "stop_details":{"type":"refusal","category":null},"usage":{"input_tokens":1,
        "output_tokens":0,"cache_read_input_tokens":0,"cache_creation_input_tokens":0,
        "server_tool_use":null,"speed":"standard"}})",
};

TEST_CASE("an answer survives the way through the model") {
  for (const char* answer : kAnswers) {
    INFO(answer);
    const model::Response response = decoded_response(answer);
    const std::string again = encoded_response(response, "");
    INFO(again);
    if (!response.id.empty()) CHECK(test::json_difference(answer, again).empty());
    model::Response second = decoded_response(again);
    CHECK(second.id.starts_with("msg_"));
    second.id = response.id;
    // The standard speed is what absence says, and is kept as it came.
    CHECK(second == response);
  }
}

TEST_CASE("recorded answers survive, with the client's model") {
  for (const auto& path : test::recordings("anthropic", ".json")) {
    const std::string name = path.filename().string();
    if (name.ends_with("meta.json") || name.starts_with("error-")) continue;
    INFO(name);
    const std::string body = test::read_file(path);
    const model::Response response = decoded_response(body);
    CHECK(test::json_difference(body, encoded_response(response, response.model)).empty());
    CHECK(decoded_response(encoded_response(response, "mine")).model == "mine");
    CHECK(response.usage.tokens.prompt() > 0);
    CHECK_FALSE(response.content.empty());
  }
}

TEST_CASE("an answer of another dialect becomes a good one") {
  Translation translation;
  translation.input_tokens_estimate = 50;
  model::Response response;
  response.content.resize(2);
  response.content[1].kind = model::BlockKind::kToolUse;
  response.content[1].id = "toolu_1";
  response.content[1].name = "Read";
  std::string out;
  REQUIRE(dialect().encode_response(response, translation, out).ok());
  const model::Response again = decoded_response(out);
  CHECK(again.usage.tokens.input == 50);
  REQUIRE(again.content.size() == 1);
  CHECK(again.content[0].input == "{}");
}

TEST_CASE("an id of our own comes from the seed") {
  Translation translation;
  translation.id_seed = 7;
  std::string first;
  std::string second;
  std::string third;
  Translation twin = translation;
  Translation other;
  other.id_seed = 8;
  REQUIRE(dialect().encode_response({}, translation, first).ok());
  REQUIRE(dialect().encode_response({}, twin, second).ok());
  REQUIRE(dialect().encode_response({}, other, third).ok());
  CHECK(first == second);
  CHECK(first != third);
  CHECK(decoded_response(first).id.size() == 28);
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
