#include "dialects/openai_responses/answer_reader.hpp"

#include "dialects/openai_responses/through.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using Lines = std::vector<std::string>;

std::string added(int index, const std::string& item) {
  return R"({"type":"response.output_item.added","output_index":)" + std::to_string(index) +
         ",\"item\":" + item + "}";
}
std::string done(int index, const std::string& item) {
  return R"({"type":"response.output_item.done","output_index":)" + std::to_string(index) +
         ",\"item\":" + item + "}";
}
std::string call_item(const std::string& id, const std::string& name,
                      const std::string& arguments) {
  return R"({"type":"function_call","id":"fc_)" + id + R"(","call_id":"call_)" + id +
         R"(","name":")" + name + R"(","arguments":")" + arguments + "\"}";
}
std::string text_item(const std::string& id, const std::string& text) {
  return R"({"type":"message","id":"msg_)" + id + R"(","role":"assistant","content":[)" +
         (text.empty() ? "" : R"({"type":"output_text","text":")" + text + "\"}") + "]}";
}
std::string text_delta(int index, const std::string& text) {
  return R"({"type":"response.output_text.delta","content_index":0,"output_index":)" +
         std::to_string(index) + ",\"delta\":\"" + text + "\"}";
}
std::string arguments_delta(int index, const std::string& id, const std::string& text) {
  return R"({"type":"response.function_call_arguments.delta","item_id":"fc_)" + id +
         R"(","output_index":)" + std::to_string(index) + ",\"delta\":\"" + text + "\"}";
}
std::string completed(const std::string& output = "") {
  return R"({"type":"response.completed","response":{"status":"completed","output":[)" + output +
         R"(],"usage":{"input_tokens":10,"output_tokens":5}}})";
}

struct Row {
  const char* name;
  std::vector<std::string> events;
  Lines told;
  model::StopReason stop = model::StopReason::kEndTurn;
};

TEST_CASE("items come out one after the other, whole, in their order") {
  using model::StopReason;
  const Row rows[] = {
      {"nothing at all", {completed()}, {}},
      {"text in deltas",
       {added(0, text_item("1", "")), text_delta(0, "Hel"), text_delta(0, "lo"),
        done(0, text_item("1", "Hello")), completed(text_item("1", "Hello"))},
       {"text:Hello"}},
      {"text in the last event only", {completed(text_item("1", "Hello"))}, {"text:Hello"}},
      {"a tail in the last event only",
       {added(0, text_item("1", "")), text_delta(0, "Hel"), completed(text_item("1", "Hello"))},
       {"text:Hello"}},
      {"no text at all is no block",
       {added(0, text_item("1", "")), done(0, text_item("1", "")), completed(text_item("1", ""))},
       {}},
      {"deltas nobody announced", {text_delta(0, "Hi"), completed()}, {"text:Hi"}},
      {"two calls with their parts mixed",
       {added(0, call_item("a", "one", "")), added(1, call_item("b", "two", "")),
        arguments_delta(0, "a", R"({\"x\":)"), arguments_delta(1, "b", R"({\"y\":)"),
        arguments_delta(0, "a", "1}"), arguments_delta(1, "b", "2}"),
        done(1, call_item("b", "two", R"({\"y\":2})")),
        done(0, call_item("a", "one", R"({\"x\":1})")), completed()},
       {R"(call:one {"x":1})", R"(call:two {"y":2})"},
       StopReason::kToolUse},
      {"text mixed with a call",
       {added(0, text_item("1", "")), added(1, call_item("a", "one", "")), text_delta(0, "He"),
        arguments_delta(1, "a", "{"), text_delta(0, "llo"), arguments_delta(1, "a", "}"),
        done(0, text_item("1", "Hello")), done(1, call_item("a", "one", "{}")), completed()},
       {"text:Hello", "call:one {}"},
       StopReason::kToolUse},
      {"the same number for all, told apart by id",
       {added(0, call_item("a", "one", "")), arguments_delta(0, "a", R"({\"x\":1})"),
        done(0, call_item("a", "one", R"({\"x\":1})")), added(0, call_item("b", "two", "")),
        arguments_delta(0, "b", R"({\"y\":2})"), done(0, call_item("b", "two", R"({\"y\":2})")),
        completed(call_item("a", "one", R"({\"x\":1})") + "," +
                  call_item("b", "two", R"({\"y\":2})"))},
       {R"(call:one {"x":1})", R"(call:two {"y":2})"},
       StopReason::kToolUse},
      {"an id that changes on the way",
       {added(0, call_item("a", "one", "")), arguments_delta(0, "other", R"({\"x\":)"),
        arguments_delta(0, "third", "1}"), done(0, call_item("a", "one", R"({\"x\":1})")),
        completed(call_item("last", "one", R"({\"x\":1})"))},
       {R"(call:one {"x":1})"},
       StopReason::kToolUse},
      {"an item without its end",
       {added(0, text_item("1", "")), text_delta(0, "Hello"), added(1, call_item("a", "one", "{}")),
        completed()},
       {"text:Hello", "call:one {}"},
       StopReason::kToolUse},
      {"items of a kind not known",
       {added(0, R"({"type":"mcp_call","id":"mcp_1"})"),
        done(0, R"({"type":"mcp_call","id":"mcp_1"})"), added(1, text_item("1", "")),
        text_delta(1, "Hi"), done(1, text_item("1", "Hi")),
        completed(R"({"type":"mcp_call","id":"mcp_1"},)" + text_item("1", "Hi"))},
       {"text:Hi"}},
      {"a second done",
       {added(0, text_item("1", "")), done(0, text_item("1", "Hi")), done(0, text_item("1", "Hi")),
        completed(text_item("1", "Hi"))},
       {"text:Hi"}},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Translation translation = thinking_client();
    const model::Response response = stream_answer(row.events, translation);
    CHECK(told(response) == row.told);
    CHECK(response.stop_reason == row.stop);
  }
}

TEST_CASE("the first item streams while later ones wait") {
  Translation translation = thinking_client();
  AnswerReader reader(translation);
  json::Document document;
  std::vector<model::StreamEvent> out;
  const auto feed = [&](const std::string& event) {
    out.clear();
    const auto parsed = document.parse(event);
    REQUIRE(parsed.ok());
    REQUIRE(
        reader.take(event_named(parsed.value()["type"].string_or("")), parsed.value(), event, out)
            .ok());
    return out.size();
  };
  CHECK(feed(added(0, call_item("a", "one", ""))) == 2);  // The answer and the block begin.
  CHECK(feed(added(1, call_item("b", "two", ""))) == 0);
  CHECK(feed(arguments_delta(1, "b", "{}")) == 0);
  CHECK(feed(arguments_delta(0, "a", "{")) == 1);
  CHECK(feed(arguments_delta(0, "a", "}")) == 1);
  CHECK(feed(done(0, call_item("a", "one", "{}"))) == 3);  // Its stop, and what waited.
  CHECK(feed(done(1, call_item("b", "two", "{}"))) == 1);
  CHECK_FALSE(reader.ended());
  CHECK(feed(completed()) == 2);
  CHECK(reader.ended());
}

TEST_CASE("how an answer ended is told by its status") {
  struct Ending {
    const char* name;
    std::string last;
    model::StopReason stop;
    std::string details;
  };
  const std::string filters =
      R"("content_filters":[{"content_filter_results":{"hate":{"filtered":true},)"
      R"("violence":{"filtered":false}}}],)";
  const Ending rows[] = {
      {"completed", completed(), model::StopReason::kEndTurn, ""},
      {"a limit",
       R"({"type":"response.incomplete","response":{"status":"incomplete",)"
       R"("incomplete_details":{"reason":"max_output_tokens"}}})",
       model::StopReason::kMaxTokens, ""},
      {"a limit by its old name",
       R"({"type":"response.incomplete","response":{"incomplete_details":{"reason":"max_tokens"}}})",
       model::StopReason::kMaxTokens, ""},
      {"a filter",
       R"({"type":"response.incomplete","response":{"status":"incomplete",)" + filters +
           R"("incomplete_details":{"reason":"content_filter"}}})",
       model::StopReason::kRefusal,
       R"({"type":"refusal","category":null,"explanation":"Blocked by the upstream content filter (hate)."})"},
      {"incomplete under the name of completed",
       R"({"type":"response.completed","response":{"status":"incomplete",)"
       R"("incomplete_details":{"reason":"max_output_tokens"}}})",
       model::StopReason::kMaxTokens, ""},
  };
  for (const Ending& row : rows) {
    INFO(row.name);
    Translation translation = thinking_client();
    const model::Response response = stream_answer({text_delta(0, "Hi"), row.last}, translation);
    CHECK(response.stop_reason == row.stop);
    CHECK(response.stop_details == row.details);
    CHECK(told(response) == Lines{"text:Hi"});
  }
}

TEST_CASE("a failure is told once, whatever shape it has") {
  const std::pair<const char*, std::string> rows[] = {
      {"a failed answer",
       R"({"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"Slow down."}}})"},
      {"a flat error",
       R"({"type":"error","code":"rate_limit_exceeded","message":"Slow down.","param":null})"},
      {"a nested error",
       R"({"type":"error","error":{"type":"tokens","code":"rate_limit_exceeded","message":"Slow down."}})"},
      {"an error without a type",
       R"({"error":{"message":"Slow down.","code":"rate_limit_exceeded"}})"},
      {"failed under the name of completed",
       R"({"type":"response.completed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"Slow down."}}})"},
  };
  for (const auto& [name, event] : rows) {
    INFO(name);
    Translation translation = thinking_client();
    const DecodedStream decoded = decoded_stream(
        stream_of({text_delta(0, "Hi"), event,
                   R"({"type":"response.failed","response":{"error":{"message":"Slow down."}}})"}),
        translation);
    CHECK(decoded.status.ok());
    REQUIRE(decoded.events.size() == 4);
    CHECK(decoded.events[3].kind == model::StreamEventKind::kError);
    CHECK(decoded.events[3].failure.kind == model::FailureKind::kRateLimit);
    CHECK(decoded.events[3].failure.message.find("Slow down.") != std::string::npos);
  }
}

TEST_CASE("a stream's usage is the last event's, or an estimate") {
  Translation translation = thinking_client();
  translation.input_tokens_estimate = 1234;
  model::Response response = stream_answer(
      {text_delta(0, "Hello"),
       R"({"type":"response.completed","response":{"status":"completed","usage":null}})"},
      translation);
  CHECK(response.usage.tokens.input == 1234);
  CHECK(response.usage.tokens.output == 2);
  response = stream_answer({R"({"type":"response.completed","response":{"status":"completed",)"
                            R"("usage":{"input_tokens":0,"output_tokens":0}}})"},
                           translation);
  CHECK(response.usage.tokens.input == 1234);
  response = stream_answer({R"({"type":"response.completed","response":{"service_tier":"priority",)"
                            R"("usage":{"input_tokens":100,"input_tokens_details":)"
                            R"({"cached_tokens":60},"output_tokens":7}}})"},
                           translation);
  CHECK(response.usage.tokens.input == 40);
  CHECK(response.usage.tokens.cache_read == 60);
  CHECK(response.usage.service_tier == "priority");
}

TEST_CASE("an answer larger than any is an error") {
  Translation translation = thinking_client();
  const auto decoder = dialect().new_stream_decoder(translation);
  const std::string event = text_delta(0, std::string(8 << 20, 'x'));
  Status status;
  for (int i = 0; i < 9 && status.ok(); ++i) {
    std::vector<model::StreamEvent> out;
    status = decoder->on_event("", event, out);
  }
  CHECK(status.code() == Code::kLimit);
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
