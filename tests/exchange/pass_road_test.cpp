#include <string>

#include "dialects/openai_chat/dialect.hpp"
#include "exchange/road.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

using namespace tollgate;

namespace {

struct Passed {
  std::string out;
  bool complete = false;
  int64_t output_tokens = 0;
};

Passed pass(const std::string& stream, const std::string& client, const std::string& upstream,
            size_t step) {
  dialects::Translation translation;
  translation.requested_model = client;
  translation.target_model = upstream;
  const auto road = exchange::make_pass_road(dialects::openai_chat::dialect(), translation);
  Passed passed;
  for (size_t at = 0; at < stream.size(); at += step)
    REQUIRE(road->feed(std::string_view(stream).substr(at, step), passed.out).ok());
  static_cast<void>(road->finish(passed.out));
  passed.complete = road->complete();
  passed.output_tokens = road->usage().tokens.output;
  return passed;
}

}  // namespace

TEST_CASE("a stream in the client's own dialect passes byte for byte") {
  for (const auto& path : test::recordings("openai", ".sse")) {
    if (path.filename().string().rfind("openai-chat-stream-t", 0) != 0) continue;
    CAPTURE(path);
    const std::string stream = test::read_file(path);
    for (const size_t step : {stream.size(), size_t{1}, size_t{11}}) {
      const Passed passed = pass(stream, "gpt", "gpt", step);
      CHECK(passed.out == stream);
      CHECK(passed.complete);
    }
  }
}

TEST_CASE("only the model's name changes where the client knows another") {
  const std::string stream =
      "data: "
      "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-real\","
      "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hi\"},"
      "\"finish_reason\":null}]}\n\n"
      "data: "
      "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-real\","
      "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],"
      "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\n"
      "data: [DONE]\n\n";
  const Passed passed = pass(stream, "team/gpt", "gpt-real", 5);
  CHECK(passed.complete);
  CHECK(passed.output_tokens == 2);
  CHECK(passed.out.find("gpt-real") == std::string::npos);
  CHECK(passed.out.find("\"model\":\"team/gpt\"") != std::string::npos);
  CHECK(passed.out.ends_with("data: [DONE]\n\n"));
}
