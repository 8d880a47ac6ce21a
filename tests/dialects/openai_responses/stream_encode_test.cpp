#include <algorithm>

#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/openai_responses/through.hpp"
#include "dialects/same_json.hpp"
#include "json/splice.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using model::StreamEvent;
using Kind = model::StreamEventKind;

std::string encoded(const std::vector<StreamEvent>& events, Translation& translation) {
  const auto encoder = dialect().new_stream_encoder(translation);
  std::string out;
  for (const StreamEvent& event : events) {
    const Status status = encoder->on_event(event, out);
    INFO(status.message());
    REQUIRE(status.ok());
  }
  return out;
}

/// The grammar that the vendor's clients hold a stream to.
void check_grammar(const std::string& bytes) {
  json::Document document;
  int64_t sequence = 0;
  int64_t items = 0;
  std::string open;
  std::string text;
  bool part_open = false;
  bool ended = false;
  json::Document last;
  std::string all_items;
  for (const test::SseText& event : test::sse_events(bytes)) {
    INFO(event.data);
    CHECK_FALSE(ended);
    const auto parsed = document.parse(event.data);
    REQUIRE(parsed.ok());
    const json::Value data = parsed.value();
    const std::string type(data["type"].string_or(""));
    CHECK(event.name == type);
    CHECK(data["sequence_number"].integer() == sequence);
    if (sequence == 0) CHECK(type == "response.created");
    if (sequence == 1) CHECK(type == "response.in_progress");
    ++sequence;
    if (type == "response.output_item.added") {
      CHECK(open.empty());
      CHECK(data["output_index"].integer() == items);
      open = data["item"]["id"].string_or("");
      CHECK(!open.empty());
      text.clear();
    } else if (type == "response.output_item.done") {
      CHECK(data["item"]["id"].string_or("") == open);
      CHECK_FALSE(part_open);
      CHECK(data["output_index"].integer() == items++);
      open.clear();
      const auto span = json::find_span(event.data, {"item"});
      REQUIRE(span);
      if (!all_items.empty()) all_items += ',';
      all_items += event.data.substr(span->offset, span->size);
    } else if (data["item_id"].exists()) {
      CHECK(data["item_id"].string_or("") == open);
      CHECK(data["output_index"].integer() == items);
      if (type == "response.content_part.added") part_open = true;
      if (type == "response.content_part.done") part_open = false;
      if (type.ends_with(".delta")) text += data["delta"].string_or("");
      for (const char* whole : {"text", "arguments", "input"}) {
        if (type.ends_with("_text.done") || type.ends_with("arguments.done")) {
          if (data[whole].exists()) CHECK(data[whole].string_or("") == text);
        }
      }
    } else if (type == "response.completed" || type == "response.incomplete") {
      ended = true;
      CHECK(open.empty());
      const auto span = json::find_span(event.data, {"response", "output"});
      REQUIRE(span);
      CHECK(test::json_difference(event.data.substr(span->offset, span->size),
                                  "[" + all_items + "]") == "");
      CHECK(data["response"]["usage"]["total_tokens"].integer().value_or(0) > 0);
    }
  }
  CHECK(ended);
}

std::vector<StreamEvent> claude_events(const std::string& bytes) {
  std::vector<StreamEvent> events;
  Translation translation;
  const auto decoder = anthropic_messages::dialect().new_stream_decoder(translation);
  for (const test::SseText& event : test::sse_events(bytes))
    REQUIRE(decoder->on_event(event.name, event.data, events).ok());
  return events;
}

TEST_CASE("recorded answers of Claude are streams that OpenAI's clients read") {
  int checked = 0;
  for (const auto& path : test::recordings("anthropic", ".sse")) {
    INFO(path.filename().string());
    const std::vector<StreamEvent> events = claude_events(test::read_file(path));
    if (events.empty() || events.back().kind != Kind::kMessageStop) continue;
    ++checked;
    Translation translation = thinking_client();
    const std::string out = encoded(events, translation);
    check_grammar(out);
    // And read again it says the same.
    Translation twin = thinking_client();
    const DecodedStream again = decoded_stream(out, twin);
    REQUIRE(again.status.ok());
    const model::Response first = folded(events);
    const model::Response second = folded(again.events);
    std::vector<std::string> said;
    for (const std::string& line : told(first)) {
      if (line != "text:" && line != "other" && !line.starts_with("found:")) said.push_back(line);
    }
    std::vector<std::string> said_again;
    for (const std::string& line : told(second)) {
      if (!line.starts_with("found:")) said_again.push_back(line);
    }
    const bool other_server_tools =
        std::any_of(first.content.begin(), first.content.end(), [](const model::Block& block) {
          return block.kind == model::BlockKind::kServerToolUse && block.name != "web_search";
        });
    if (!other_server_tools) {
      for (size_t i = 0; i < said.size() && i < said_again.size(); ++i) {
        if (said[i].starts_with("call:") && said[i].ends_with(" ")) said[i] += "{}";
        if (!said[i].starts_with("search:")) CHECK(said[i] == said_again[i]);
      }
      CHECK(said.size() == said_again.size());
    }
    CHECK(second.usage.tokens.prompt() == first.usage.tokens.prompt());
    CHECK(second.usage.tokens.output == first.usage.tokens.output);
  }
  if (!test::recordings("anthropic", ".sse").empty()) CHECK(checked > 3);
}

TEST_CASE("recorded streams of the dialect keep its grammar through the hub") {
  for (const auto& path : test::recordings("openai", ".sse")) {
    if (path.filename().string().find("-responses-") == std::string::npos) continue;
    INFO(path.filename().string());
    Translation translation = thinking_client();
    const DecodedStream decoded = decoded_stream(test::read_file(path), translation);
    check_grammar(encoded(decoded.events, translation));
  }
}

StreamEvent start() {
  StreamEvent event;
  event.kind = Kind::kMessageStart;
  event.model = "claude";
  return event;
}
StreamEvent block(model::BlockKind kind, const std::string& name = "") {
  StreamEvent event;
  event.kind = Kind::kBlockStart;
  event.block.kind = kind;
  event.block.name = name;
  event.block.id = "toolu_1";
  return event;
}
StreamEvent delta(model::DeltaKind kind, const std::string& text) {
  StreamEvent event;
  event.kind = Kind::kBlockDelta;
  event.delta = kind;
  event.text = text;
  event.raw = text;
  return event;
}
StreamEvent plain(Kind kind) {
  StreamEvent event;
  event.kind = kind;
  return event;
}
StreamEvent end(model::StopReason reason) {
  StreamEvent event = plain(Kind::kMessageDelta);
  event.stop_reason = reason;
  event.usage.input = 3;
  event.usage.output = 2;
  return event;
}
std::vector<std::string> types(const std::string& bytes) {
  std::vector<std::string> names;
  for (const test::SseText& event : test::sse_events(bytes))
    names.push_back(event.name);
  return names;
}

TEST_CASE("every kind of block has the events of its item") {
  struct Row {
    const char* name;
    std::vector<StreamEvent> events;
    std::vector<std::string> types;
  };
  const StreamEvent stop = plain(Kind::kBlockStop);
  const Row rows[] = {
      {"nothing", {}, {}},
      {"no text", {block(model::BlockKind::kText), stop}, {}},
      {"text",
       {block(model::BlockKind::kText), delta(model::DeltaKind::kText, "a"),
        delta(model::DeltaKind::kCitation, R"({"url":"https://e.org"})"), stop},
       {"response.output_item.added", "response.content_part.added", "response.output_text.delta",
        "response.output_text.annotation.added", "response.output_text.done",
        "response.content_part.done", "response.output_item.done"}},
      {"thinking",
       {block(model::BlockKind::kThinking), delta(model::DeltaKind::kThinking, "a"),
        delta(model::DeltaKind::kThinking, "b"), delta(model::DeltaKind::kSignature, "EqQB"), stop},
       {"response.output_item.added", "response.reasoning_summary_part.added",
        "response.reasoning_summary_text.delta", "response.reasoning_summary_text.delta",
        "response.reasoning_summary_text.done", "response.reasoning_summary_part.done",
        "response.output_item.done"}},
      {"thinking without text",
       {block(model::BlockKind::kThinking), delta(model::DeltaKind::kSignature, "EqQB"), stop},
       {"response.output_item.added", "response.output_item.done"}},
      {"a call",
       {block(model::BlockKind::kToolUse, "f"), delta(model::DeltaKind::kInputJson, ""),
        delta(model::DeltaKind::kInputJson, "{\"a\":"), delta(model::DeltaKind::kInputJson, "1}"),
        stop},
       {"response.output_item.added", "response.function_call_arguments.delta",
        "response.function_call_arguments.delta", "response.function_call_arguments.done",
        "response.output_item.done"}},
      {"a call without arguments",
       {block(model::BlockKind::kToolUse, "f"), stop},
       {"response.output_item.added", "response.function_call_arguments.delta",
        "response.function_call_arguments.done", "response.output_item.done"}},
      {"a custom tool's call",
       {block(model::BlockKind::kToolUse, "p__freeform"),
        delta(model::DeltaKind::kInputJson, R"({"input":"x"})"), stop},
       {"response.output_item.added", "response.custom_tool_call_input.delta",
        "response.custom_tool_call_input.done", "response.output_item.done"}},
      {"a search and its results",
       {block(model::BlockKind::kServerToolUse, "web_search"),
        delta(model::DeltaKind::kInputJson, R"({"query":"rain"})"), stop,
        block(model::BlockKind::kServerToolResult), stop},
       {"response.output_item.added", "response.web_search_call.in_progress",
        "response.web_search_call.searching", "response.web_search_call.completed",
        "response.output_item.done"}},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    std::vector<StreamEvent> events = {start()};
    events.insert(events.end(), row.events.begin(), row.events.end());
    events.push_back(end(model::StopReason::kEndTurn));
    events.push_back(plain(Kind::kMessageStop));
    Translation translation = thinking_client();
    const std::string out = encoded(events, translation);
    check_grammar(out);
    std::vector<std::string> expected = {"response.created", "response.in_progress"};
    expected.insert(expected.end(), row.types.begin(), row.types.end());
    expected.emplace_back("response.completed");
    CHECK(types(out) == expected);
  }
}

TEST_CASE("a limit and a failure end a stream by their own names") {
  Translation translation = thinking_client();
  std::string out = encoded(
      {start(), end(model::StopReason::kMaxTokens), plain(Kind::kMessageStop)}, translation);
  CHECK(types(out).back() == "response.incomplete");
  StreamEvent error = plain(Kind::kError);
  error.failure.message = "Broken.";
  out =
      encoded({start(), block(model::BlockKind::kText), delta(model::DeltaKind::kText, "a"), error},
              translation);
  CHECK(types(out).back() == "response.failed");
  CHECK(out.find("\"message\":\"Broken.\"") != std::string::npos);
}

TEST_CASE("a call that a limit cut is told of as such, and never as done") {
  for (const char* name : {"Bash", "apply_patch__freeform"}) {
    INFO(name);
    Translation translation = thinking_client();
    const std::string out = encoded(
        {start(), block(model::BlockKind::kToolUse, name),
         delta(model::DeltaKind::kInputJson, R"({"input":"*** Beg)"), plain(Kind::kBlockStop),
         end(model::StopReason::kMaxTokens), plain(Kind::kMessageStop)},
        translation);
    check_grammar(out);
    int done = 0;
    for (const test::SseText& event : test::sse_events(out)) {
      CHECK(event.name != "response.function_call_arguments.done");
      CHECK(event.name != "response.custom_tool_call_input.done");
      if (event.name != "response.output_item.done") continue;
      ++done;
      CHECK(event.data.find(R"("status":"incomplete")") != std::string::npos);
    }
    CHECK(done == 1);
    CHECK(types(out).back() == "response.incomplete");
    Translation twin = thinking_client();
    CHECK(decoded_stream(out, twin).status.ok());
  }
}

TEST_CASE("events out of turn are refused") {
  const std::vector<StreamEvent> rows[] = {
      {plain(Kind::kBlockStop)},
      {start(), plain(Kind::kBlockStop)},
      {start(), delta(model::DeltaKind::kText, "a")},
      {start(), block(model::BlockKind::kText), block(model::BlockKind::kText)},
      {start(), plain(Kind::kMessageStop)},
      {start(), end(model::StopReason::kEndTurn), plain(Kind::kMessageStop),
       plain(Kind::kBlockStop)},
  };
  for (const auto& events : rows) {
    Translation translation = thinking_client();
    const auto encoder = dialect().new_stream_encoder(translation);
    std::string out;
    Status status;
    for (const StreamEvent& event : events)
      status = encoder->on_event(event, out);
    CHECK(status.code() == Code::kInternal);
  }
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
