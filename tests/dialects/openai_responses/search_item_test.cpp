#include "dialects/openai_responses/through.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using Lines = std::vector<std::string>;

std::string done(const std::string& members) {
  return R"({"type":"response.output_item.done","output_index":0,"item":{"type":"web_search_call",)"
         R"("id":"ws_1",)" +
         members + "}}";
}
const std::string kEnd = R"({"type":"response.completed","response":{"status":"completed"}})";

TEST_CASE("a search by the upstream is a call and its results") {
  struct Row {
    const char* name;
    std::string item;
    Lines told;
    int64_t searches;
  };
  const Row rows[] = {
      {"with sources",
       R"("status":"completed","action":{"type":"search","query":"rain","sources":[)"
       R"({"type":"url","url":"https://e.org/a?b"},{"type":"api","name":"weather"},)"
       R"({"type":"url","url":"https://f.org","title":"F"}]})",
       {R"(search:{"query":"rain"})",
        R"(found:[{"type":"web_search_result","url":"https://e.org/a?b","title":"e.org",)"
        R"("encrypted_content":"","page_age":null},{"type":"web_search_result",)"
        R"("url":"https://f.org","title":"F","encrypted_content":"","page_age":null}])"},
       1},
      {"several queries",
       R"("status":"completed","action":{"type":"search","queries":["rain","sun"]})",
       {R"(search:{"query":"rain"})", "found:[]"},
       1},
      {"failed",
       R"("status":"failed","action":{"type":"search","query":"rain"})",
       {R"(search:{"query":"rain"})",
        R"(found:{"type":"web_search_tool_result_error","error_code":"unavailable"})"},
       1},
      {"opening a page",
       R"("status":"completed","action":{"type":"open_page","url":"https://e.org"})",
       {},
       0},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Translation translation = thinking_client();
    const model::Response response = stream_answer({done(row.item), kEnd}, translation);
    CHECK(told(response) == row.told);
    CHECK(response.usage.web_searches == row.searches);
    CHECK(response.stop_reason == model::StopReason::kEndTurn);
    if (response.content.size() != 2) continue;
    CHECK(response.content[0].id.starts_with("srvtoolu_"));
    CHECK(response.content[0].id == response.content[1].id);
    CHECK(response.content[1].type == "web_search_tool_result");
  }
}

TEST_CASE("a recorded search is told whole") {
  for (const auto& path : test::recordings("openai", "openai-responses-stream-web-search.sse")) {
    Translation translation = thinking_client();
    const DecodedStream decoded = decoded_stream(test::read_file(path), translation);
    REQUIRE(decoded.status.ok());
    const Lines lines = told(folded(decoded.events));
    size_t searches = 0;
    for (const std::string& line : lines)
      searches += line.starts_with("search:") ? 1 : 0;
    CHECK(searches > 0);
    CHECK(lines.back().starts_with("text:San Francisco weather"));
  }
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
