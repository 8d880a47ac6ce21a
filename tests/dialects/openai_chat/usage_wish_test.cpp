#include "dialects/openai_chat/through.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using namespace tollgate::dialects::openai_chat;

TEST_CASE("a stream is asked for its usage where its client did not") {
  struct {
    const char* name;
    const char* members;
    bool taken;
    bool refused;
    const char* wish;
  } rows[] = {
      {"no stream", "", true, false, ""},
      {"not a stream", R"(,"stream":false)", true, false, ""},
      {"a stream", R"(,"stream":true)", true, false, R"({"include_usage":true})"},
      {"asked already", R"(,"stream":true,"stream_options":{"include_usage":true})", true, false,
       ""},
      {"asked not to", R"(,"stream":true,"stream_options":{"include_usage":false})", true, false,
       R"({"include_usage":true})"},
      {"other options stay", R"(,"stream":true,"stream_options":{"include_obfuscation" : false})",
       true, false, R"({"include_usage":true,"include_obfuscation" : false})"},
      {"options that are none", R"(,"stream":true,"stream_options":null)", true, false,
       R"({"include_usage":true})"},
      {"a server that knows no options", R"(,"stream":true)", false, false, ""},
      {"a server that refused them", R"(,"stream":true)", true, true, ""},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    const std::string body = R"({"model":"m","messages":[{"role":"user","content":"hi"}])" +
                             std::string(row.members) + "}";
    const auto request = dialect().decode_request(body);
    REQUIRE(request.ok());
    Translation translation;
    translation.traits.stream_options = row.taken;
    if (row.refused) {
      translation.lessons.push_back({model::LessonKind::kDropField, "stream_options"});
    }
    const auto wish = dialect().usage_wish(request.value(), body, translation);
    CHECK((wish ? wish->second : std::string()) == row.wish);
    if (wish) CHECK(wish->first == "stream_options");
  }
}

TEST_CASE("the chunk of nothing but usage is known among the others") {
  const std::pair<const char*, bool> rows[] = {
      {R"({"choices":[],"usage":{"prompt_tokens":1}})", true},
      {R"({"choices":[],"usage":null})", false},
      {R"({"choices":[],"prompt_filter_results":[]})", false},
      {R"({"choices":[{"index":0,"delta":{"content":"\"usage\""}}]})", false},
      {R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"total_tokens":1}})",
       false},
      {R"({"usage":{"total_tokens":1}})", false},
      {"[DONE]", false},
      {R"({"usage")", false},
  };
  for (const auto& [data, wished] : rows) {
    INFO(data);
    CHECK(dialect().is_wished_usage(data) == wished);
  }
}
