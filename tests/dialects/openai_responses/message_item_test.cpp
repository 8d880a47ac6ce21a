#include "dialects/openai_responses/output_item.hpp"
#include "dialects/openai_responses/through.hpp"
#include "json/reader.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using Lines = std::vector<std::string>;

std::string part_event(const char* name, int part, const std::string& members) {
  return std::string(R"({"type":"response.)") + name + R"(","output_index":0,"content_index":)" +
         std::to_string(part) + "," + members + "}";
}
const std::string kEnd = R"({"type":"response.completed","response":{"status":"completed"}})";

TEST_CASE("each content part is a text block") {
  struct Row {
    const char* name;
    std::vector<std::string> events;
    Lines told;
    bool refused = false;
  };
  const Row rows[] = {
      {"two parts",
       {part_event("output_text.delta", 0, R"("delta":"a")"),
        part_event("output_text.delta", 1, R"("delta":"b")"), kEnd},
       {"text:a", "text:b"}},
      {"a rest in done",
       {part_event("output_text.delta", 0, R"("delta":"Hel")"),
        part_event("output_text.done", 0, R"("text":"Hello")"), kEnd},
       {"text:Hello"}},
      {"only the part's end",
       {part_event("content_part.done", 0, R"("part":{"type":"output_text","text":"Hello"})"),
        kEnd},
       {"text:Hello"}},
      {"an end that disagrees",
       {part_event("output_text.delta", 0, R"("delta":"Hello")"),
        part_event("output_text.done", 0, R"("text":"Good day")"), kEnd},
       {"text:Hello"}},
      {"a refusal",
       {part_event("refusal.delta", 0, R"("delta":"I cannot")"),
        part_event("refusal.done", 0, R"("refusal":"I cannot.")"), kEnd},
       {"text:I cannot."},
       true},
      {"a refusal told at its end",
       {part_event("content_part.done", 0, R"("part":{"type":"refusal","refusal":"No."})"), kEnd},
       {"text:No."},
       true},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Translation translation = thinking_client();
    const model::Response response = stream_answer(row.events, translation);
    CHECK(told(response) == row.told);
    CHECK((response.stop_reason == model::StopReason::kRefusal) == row.refused);
  }
}

TEST_CASE("citations slice the text by characters") {
  json::Document document;
  const auto made = [&](const std::string& annotation, const std::string& text) {
    const auto parsed = document.parse(annotation);
    REQUIRE(parsed.ok());
    return citation_of(parsed.value(), text);
  };
  const std::string at = R"({"type":"url_citation","url":"https://e.org/p","title":"T",)";
  CHECK(made(at + R"("start_index":1,"end_index":4})", "äöü€x") ==
        R"({"type":"web_search_result_location","url":"https://e.org/p","title":"T",)"
        R"("cited_text":"öü€","encrypted_index":""})");
  const auto cited = [&](const std::string& citation) {
    json::Document other;
    const auto parsed = other.parse(citation);
    REQUIRE(parsed.ok());
    return std::string(parsed.value()["cited_text"].string_or("?"));
  };
  CHECK(cited(made(at + R"("start_index":0,"end_index":9999})", std::string(400, 'y'))) ==
        std::string(150, 'y'));
  CHECK(cited(made(at + R"("start_index":5,"end_index":3})", "abcdefgh")).empty());
  CHECK(cited(made(at + R"("start_index":-1,"end_index":3})", "abcdefgh")).empty());
  CHECK(cited(made(at + R"("start_index":90,"end_index":93})", "abcdefgh")).empty());
  CHECK(
      cited(made(R"({"type":"url_citation","url_citation":{"url":"https://e.org","start_index":0,)"
                 R"("end_index":0,"content":"what it says"}})",
                 "text")) == "what it says");
  CHECK(made(R"({"type":"file_citation","file_id":"f"})", "text").empty());
  CHECK(made(R"({"type":"url_citation"})", "text").empty());
}

TEST_CASE("citations stand before their block's end") {
  const std::string note = part_event(
      "output_text.annotation.added", 0,
      R"("annotation":{"type":"url_citation","url":"https://e.org","start_index":0,"end_index":2})");
  Translation translation = thinking_client();
  const DecodedStream decoded =
      decoded_stream(stream_of({part_event("output_text.delta", 0, R"("delta":"Hello")"), note,
                                part_event("output_text.delta", 0, R"("delta":" you")"), kEnd}),
                     translation);
  REQUIRE(decoded.events.size() == 8);
  CHECK(decoded.events[4].delta == model::DeltaKind::kCitation);
  CHECK(decoded.events[5].kind == model::StreamEventKind::kBlockStop);
  const model::Response response = folded(decoded.events);
  CHECK(response.content[0].citations.find("\"cited_text\":\"He\"") != std::string::npos);
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
