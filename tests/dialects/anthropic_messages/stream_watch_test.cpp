#include "dialects/anthropic_messages/stream_watch.hpp"

#include "dialects/sse_text.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

const std::string kStart =
    "event: message_start\n"
    "data: {\"type\":\"message_start\",\"message\":{\"model\":\"up-1\",\"id\":\"msg_1\","
    "\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\n";
const std::string kStartRenamed =
    "event: message_start\n"
    "data: {\"type\":\"message_start\",\"message\":{\"model\":\"mine\",\"id\":\"msg_1\","
    "\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\n";
const std::string kBlock =
    "event: content_block_start\n"
    "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\","
    "\"text\":\"\"}}\n\n"
    "event: content_block_delta\n"
    "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\","
    "\"text\":\"Hi\"}  }\n\n"
    "event: content_block_stop\n"
    "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n";
const std::string kEnd =
    "event: message_delta\n"
    "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
    "\"usage\":{\"output_tokens\":9}}\n\n"
    "event: message_stop\n"
    "data: {\"type\":\"message_stop\"}\n\n";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// What the client gets, and how the watch stands afterwards.
struct Outcome {
  std::string out;
  bool ok = true;
  StreamWatch watch{"mine"};
};

Outcome run(const std::vector<std::string_view>& pieces) {
  Outcome outcome;
  for (const std::string_view piece : pieces) {
    if (!outcome.watch.feed(piece, outcome.out).ok()) {
      outcome.ok = false;
      break;
    }
  }
  return outcome;
}

struct PassCase {
  const char* name;
  std::string input;
  std::string output;
};

const PassCase kPassCases[] = {
    {"a whole answer", kStart + kBlock + kEnd, kStartRenamed + kBlock + kEnd},
    {"crlf", replaced(kStart + kBlock + kEnd, "\n", "\r\n"),
     replaced(kStartRenamed + kBlock + kEnd, "\n", "\r\n")},
    {"cr", replaced(kStart + kBlock + kEnd, "\n", "\r"),
     replaced(kStartRenamed + kBlock + kEnd, "\n", "\r")},
    {"a ping and a comment before the start",
     ": hello\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\n" + kStart + kBlock + kEnd,
     ": hello\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\n" + kStartRenamed + kBlock + kEnd},
    {"a comment inside an event", kStart + replaced(kBlock, "\ndata", "\n: note\ndata") + kEnd,
     kStartRenamed + replaced(kBlock, "\ndata", "\n: note\ndata") + kEnd},
    {"unknown events keep their data, whatever it is",
     kStart + "event: news\ndata: anything <at> all\n\n" + kBlock + kEnd,
     kStartRenamed + "event: news\ndata: anything <at> all\n\n" + kBlock + kEnd},
    {"id and retry lines", kStart + "id: 7\nretry: 10\n\n" + kBlock + kEnd,
     kStartRenamed + "id: 7\nretry: 10\n\n" + kBlock + kEnd},
    {"a foreign terminator", kStart + kBlock + kEnd + "data: [DONE]\n\n",
     kStartRenamed + kBlock + kEnd + "data: [DONE]\n\n"},
    {"no space after the colon", replaced(kStart + kBlock + kEnd, ": ", ":"),
     replaced(kStartRenamed + kBlock + kEnd, ": ", ":")},
    {"data before the name",
     "data: {\"type\":\"message_start\",\"message\":{\"model\":\"up-1\"}}\nevent: "
     "message_start\n\n" +
         kBlock + kEnd,
     "data: {\"type\":\"message_start\",\"message\":{\"model\":\"mine\"}}\nevent: "
     "message_start\n\n" +
         kBlock + kEnd},
    {"a start over several lines of data",
     "event: message_start\ndata: {\"type\":\"message_start\",\ndata: \"message\":{\ndata:  "
     "\"model\":\"up-1\",\ndata: \"id\":\"model\"}}\n\n" +
         kBlock + kEnd,
     "event: message_start\ndata: {\"type\":\"message_start\",\ndata: \"message\":{\ndata:  "
     "\"model\":\"mine\",\ndata: \"id\":\"model\"}}\n\n" +
         kBlock + kEnd},
    {"a model spelled with escapes",
     replaced(kStart, "\"model\":\"up-1\"", "\"mod\\u0065l\":\"\\u0075p-1\"") + kBlock + kEnd,
     replaced(kStart, "\"model\":\"up-1\"", "\"mod\\u0065l\":\"mine\"") + kBlock + kEnd},
    {"a model that is the client's already, spelled with escapes",
     replaced(kStart, "\"up-1\"", "\"m\\u0069ne\"") + kBlock + kEnd,
     replaced(kStart, "\"up-1\"", "\"m\\u0069ne\"") + kBlock + kEnd},
    {"an empty model", replaced(kStart, "\"up-1\"", "\"\"") + kBlock + kEnd,
     kStartRenamed + kBlock + kEnd},
    {"no model", replaced(kStart, "\"model\":\"up-1\",", "") + kBlock + kEnd,
     replaced(kStart, "\"model\":\"up-1\",", "") + kBlock + kEnd},
    {"a byte-order mark is left out", "\xEF\xBB\xBF" + kStart + kBlock + kEnd,
     kStartRenamed + kBlock + kEnd},
    {"garbage behind the end is dropped", kStart + kBlock + kEnd + "<html>",
     kStartRenamed + kBlock + kEnd},
    {"a second start becomes a ping", kStart + kStart + kBlock + kEnd,
     kStartRenamed + "event: message_start\nevent: ping\ndata: {\"type\": \"ping\"}\n\n" + kBlock +
         kEnd},
};

TEST_CASE("streams go through, from any split") {
  for (const PassCase& row : kPassCases) {
    INFO(row.name);
    std::vector<std::vector<std::string_view>> splits = {{row.input},
                                                         test::single_bytes(row.input)};
    for (uint32_t seed = 0; seed < 20; ++seed)
      splits.push_back(test::random_pieces(row.input, seed));
    for (const auto& pieces : splits) {
      Outcome outcome = run(pieces);
      REQUIRE(outcome.ok);
      REQUIRE(outcome.out == row.output);
      CHECK(outcome.watch.started());
      CHECK(outcome.watch.content_begun());
      CHECK(outcome.watch.complete());
      CHECK(outcome.watch.between_events());
      CHECK(outcome.watch.stop_reason() == "end_turn");
      CHECK(outcome.watch.usage().tokens.output == 9);
      CHECK_FALSE(outcome.watch.failure().has_value());
    }
  }
}

struct FaultCase {
  const char* name;
  std::string input;
  std::string passed;  ///< What went out before the fault, fed byte by byte.
};

const FaultCase kFaultCases[] = {
    {"html", "<html><body>down</body></html>", ""},
    {"json", "{\"type\":\"error\"}", ""},
    {"text that begins like a field", "data is not here", ""},
    {"an answer that begins in the middle", kBlock + kEnd, ""},
    {"a start without a message", "event: message_start\ndata: {\"type\":\"message_start\"}\n\n",
     ""},
    {"a start that is cut", "event: message_start\ndata: {\"type\":\"message_start\"\n\n", ""},
    {"a start without data", "event: message_start\n\n", ""},
    {"a broken start", "event: message_start\ndata: {\"message\":{]}}\n\n", ""},
    {"html in the middle", kStart + kBlock + "<html>", kStartRenamed + kBlock},
    {"a field that is none", kStart + "event: ping\ndatum: 1\n\n",
     kStartRenamed + "event: ping\ndat"},
    {"text for data", kStart + "event: content_block_delta\ndata: oops\n\n",
     kStartRenamed + "event: content_block_delta\ndata: "},
    {"text in braces for data", kStart + "event: content_block_delta\ndata: {oops}\n\n",
     kStartRenamed + "event: content_block_delta\ndata: {"},
    {"a list for data", kStart + "event: content_block_delta\ndata: [1]\n\n",
     kStartRenamed + "event: content_block_delta\ndata: "},
    {"nameless text", kStart + "data: oops\n\n", kStartRenamed + "data: "},
    {"almost a foreign terminator", kStart + "data: [DONE}\n\n", kStartRenamed + "data: [DONE"},
    {"half a foreign terminator", kStart + "data: [DO\n\n", kStartRenamed + "data: [DO\n"},
    {"data cut before its end", kStart + "event: content_block_delta\ndata: {\"a\":\"b\n\n" + kEnd,
     kStartRenamed + "event: content_block_delta\ndata: {\"a\":\"b\n"},
    {"a delta that is no JSON", kStart + "event: message_delta\ndata: {\"usage\":}\n\n",
     kStartRenamed + "event: message_delta\ndata: {\"usage\":}\n"},
    {"a stop without data", kStart + "event: message_stop\n\n",
     kStartRenamed + "event: message_stop\n"},
    {"a stop that is no JSON", kStart + "event: message_stop\ndata: {\"type\":\"message_stop}\n\n",
     kStartRenamed + "event: message_stop\ndata: {\"type\":\"message_stop}\n"},
};

TEST_CASE("what is no answer stops before the garbage") {
  for (const FaultCase& row : kFaultCases) {
    INFO(row.name);
    for (const auto& pieces :
         {std::vector<std::string_view>{row.input}, test::single_bytes(row.input)}) {
      Outcome outcome = run(pieces);
      CHECK_FALSE(outcome.ok);
      CHECK(outcome.out == row.passed);
      CHECK_FALSE(outcome.watch.complete());
      std::string more;
      CHECK(outcome.watch.feed(kEnd, more).code() == Code::kState);
      outcome.watch.finish(more);
      CHECK(more.empty());
      outcome.watch.close_partial_event(outcome.out);
      CHECK(outcome.watch.between_events());
      for (const test::SseText& event : test::sse_events(outcome.out)) {
        INFO(event.name << ": " << event.data);
        CHECK((event.name == "ping" || event.data.ends_with("}")));
      }
    }
  }
}

TEST_CASE("a start larger than the bound is refused") {
  const std::string large(70 * 1024, 'x');
  for (const std::string& input :
       {replaced(kStart, "msg_1", large), "event: ping\ndata: " + large, ": " + large}) {
    std::string out;
    StreamWatch watch("mine");
    CHECK(watch.feed(input, out).code() == Code::kInvalid);
    CHECK(out.empty());
  }
}

TEST_CASE("events too large to read go through unread") {
  const std::string large(300 * 1024, 'x');
  std::string out;
  StreamWatch watch("mine");
  const std::string delta =
      "event: message_delta\ndata: {\"delta\":{\"stop_reason\":\"" + large + "\"}}\n\n";
  const std::string error = "event: error\ndata: {\"error\":{\"message\":\"" + large + "\"}}\n\n";
  REQUIRE(watch.feed(kStart + delta + error, out).ok());
  CHECK(out == kStartRenamed + delta + error);
  CHECK(watch.stop_reason().empty());
  REQUIRE(watch.failure().has_value());
  CHECK(watch.failure()->kind == model::FailureKind::kApi);
}

TEST_CASE("what the watch reads off a stream") {
  std::string out;
  StreamWatch watch("mine");
  REQUIRE(watch.feed(kStart, out).ok());
  CHECK(watch.started());
  CHECK_FALSE(watch.content_begun());
  CHECK(watch.upstream_model() == "up-1");
  CHECK(watch.usage().tokens.input == 7);
  CHECK(watch.event_count() == 1);

  REQUIRE(watch.feed("event: content_block_start", out).ok());
  CHECK_FALSE(watch.content_begun());
  CHECK_FALSE(watch.between_events());
  REQUIRE(watch.feed("\n", out).ok());
  CHECK(watch.content_begun());
}

TEST_CASE("an answer without content begins with its end") {
  std::string out;
  StreamWatch watch("mine");
  REQUIRE(watch.feed(kStart + "event: message_delta\n", out).ok());
  CHECK(watch.content_begun());
}

TEST_CASE("an error event is passed on and told") {
  const std::string error =
      "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
      "\"message\":\"Overloaded\"}}\n\n";
  for (const std::string& before : {std::string(), kStart}) {
    std::string out;
    StreamWatch watch("mine");
    REQUIRE(watch.feed(before + error, out).ok());
    CHECK(out.ends_with(error));
    REQUIRE(watch.failure().has_value());
    CHECK(watch.failure()->kind == model::FailureKind::kOverloaded);
    CHECK(watch.failure()->status == 529);
    CHECK(watch.failure()->message == "Overloaded");
    CHECK_FALSE(watch.content_begun());
    CHECK_FALSE(watch.complete());
  }
}

TEST_CASE("a second start's usage counts") {
  const std::string second = replaced(replaced(kStart, "up-1", "up-2"), ":7,", ":70,");
  for (const auto& pieces : {std::vector<std::string_view>{second}, test::single_bytes(second)}) {
    std::string out;
    StreamWatch watch("mine");
    REQUIRE(watch.feed(kStart, out).ok());
    for (const std::string_view piece : pieces)
      REQUIRE(watch.feed(piece, out).ok());
    CHECK(watch.usage().tokens.input == 70);
    CHECK(watch.upstream_model() == "up-1");
    size_t starts = 0;
    for (const test::SseText& event : test::sse_events(out))
      starts += event.name == "message_start" ? 1U : 0U;
    CHECK(starts == 1);
  }
}

TEST_CASE("a stream without event names is understood by its data") {
  std::string nameless;
  for (const test::SseText& event : test::sse_events(kStart + kStart + kBlock + kEnd))
    nameless += "data: " + event.data + "\n\n";
  std::string out;
  StreamWatch watch("mine");
  for (const std::string_view piece : test::single_bytes(nameless))
    REQUIRE(watch.feed(piece, out).ok());
  CHECK(watch.complete());
  CHECK(watch.content_begun());
  CHECK(watch.stop_reason() == "end_turn");
  CHECK(watch.upstream_model() == "up-1");
  const std::vector<test::SseText> events = test::sse_events(out);
  REQUIRE(events.size() == 7);
  CHECK(events[0].data.find("\"mine\"") != std::string::npos);
  CHECK(events[1].name == "ping");  // The second start.
  CHECK(events[2].name.empty());

  StreamWatch headless("mine");
  CHECK_FALSE(headless.feed("data: {\"type\":\"content_block_start\"}\n\n", out).ok());
}

struct FinishCase {
  const char* name;
  std::string tail;
  bool complete;
};

const FinishCase kFinishCases[] = {
    {"nothing of the stop", "", false},
    {"its name only", "event: message_stop\n", false},
    {"half its data", "event: message_stop\ndata: {\"type\":\"mess", false},
    {"data that looks whole but is not", "event: message_stop\ndata: {\"a\":{}", false},
    {"no line end", "event: message_stop\ndata: {\"type\":\"message_stop\"}", true},
    {"no blank line", "event: message_stop\ndata: {\"type\":\"message_stop\"}\n", true},
    {"no blank line, crlf", "event: message_stop\r\ndata: {\"type\":\"message_stop\"}\r\n", true},
    {"half a crlf", "event: message_stop\r\ndata: {\"type\":\"message_stop\"}\r", true},
    {"cr", "event: message_stop\rdata: {\"type\":\"message_stop\"}\r", true},
    {"all of it", "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", true},
};

TEST_CASE("a stop that lacks only its blank line is completed") {
  for (const FinishCase& row : kFinishCases) {
    INFO(row.name);
    std::string out;
    StreamWatch watch("mine");
    REQUIRE(watch.feed(kStart + kBlock + row.tail, out).ok());
    watch.finish(out);
    CHECK(watch.complete() == row.complete);
    const std::vector<test::SseText> events = test::sse_events(out);
    CHECK((events.back().name == "message_stop") == row.complete);
    CHECK(events.size() == (row.complete ? 5U : 4U));
  }
}

TEST_CASE("an event that is cut behind the end is closed") {
  std::string out;
  StreamWatch watch("mine");
  REQUIRE(watch.feed(kStart + kBlock + kEnd + "event: news\ndata: {\"a\":", out).ok());
  CHECK(watch.complete());
  watch.finish(out);
  CHECK(watch.between_events());
  CHECK(out.ends_with("{\"a\":\nevent: ping\n\n"));
}

TEST_CASE("closing between two events adds nothing") {
  for (const std::string& input : {std::string(), kStart, kStart + kBlock, kStart + ": note\n"}) {
    std::string out;
    StreamWatch watch("mine");
    REQUIRE(watch.feed(input, out).ok());
    const std::string before = out;
    CHECK(watch.between_events());
    watch.close_partial_event(out);
    CHECK(out == before);
  }
}

TEST_CASE("an answer that is ended early is a whole one for the client") {
  struct Row {
    const char* name;
    std::string fed;
    const char* ending;
  };
  const std::string open = kBlock.substr(0, kBlock.rfind("event: "));
  const std::string stop =
      "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n";
  const std::string tail =
      "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
      "\"max_tokens\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":42}}\n\n"
      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  const Row rows[] = {
      {"between two blocks", kStart + kBlock, ""},
      {"within a block", kStart + open, ""},
      {"within an event", kStart + open + "event: content_block_delta\ndata: {\"type\":\"con",
       "\nevent: ping\n\n"},
      {"within the end of a block", kStart + open + "event: content_block_stop\n",
       "event: ping\n\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    StreamWatch watch("up-1");
    std::string out;
    REQUIRE(watch.feed(row.fed, out).ok());
    const bool block_open = std::string_view(row.name) != "between two blocks";
    REQUIRE(watch.end_early(42, out));
    CHECK(out == row.fed + row.ending + (block_open ? stop : "") + tail);
    CHECK(watch.complete());
    CHECK(watch.stop_reason() == "max_tokens");
    CHECK_FALSE(watch.end_early(42, out));
  }
  std::string out;
  StreamWatch unborn("up-1");
  CHECK_FALSE(unborn.end_early(1, out));
  StreamWatch over("up-1");
  REQUIRE(over.feed(kStart + kBlock + kEnd, out).ok());
  CHECK_FALSE(over.end_early(1, out));
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
