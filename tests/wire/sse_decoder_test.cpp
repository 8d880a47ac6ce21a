#include "wire/sse_decoder.hpp"

#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "wire/sse_support.hpp"

namespace tollgate::wire {
namespace {

struct Case {
  const char* name;
  std::string stream;
  std::vector<KeptEvent> events;
  bool mid_event = false;
};

const Case kStreams[] = {
    {"nothing", "", {}},
    {"one event", "data: a\n\n", {{"", "a"}}},
    {"with a name", "event: ping\ndata: {}\n\n", {{"ping", "{}"}}},
    {"name behind the data", "data: {}\nevent: ping\n\n", {{"ping", "{}"}}},
    {"a name is for one event", "event: a\ndata: 1\n\ndata: 2\n\n", {{"a", "1"}, {"", "2"}}},
    {"the last name counts", "event: a\nevent: b\ndata: 1\n\n", {{"b", "1"}}},
    {"CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", {{"", "a"}, {"", "b"}}},
    {"CR", "data: a\r\rdata: b\r\r", {{"", "a"}, {"", "b"}}},
    {"line ends mixed", "data: a\r\ndata: b\rdata: c\n\r\n", {{"", "a\nb\nc"}}},
    {"LF then CR is two line ends", "data: a\n\rdata: b\n\r", {{"", "a"}, {"", "b"}}},
    {"data lines join with a line feed", "data: a\ndata: b\n\n", {{"", "a\nb"}}},
    {"empty data lines count", "data\ndata:\ndata: \n\n", {{"", "\n\n"}}},
    {"empty data is an event", "data:\n\n", {{"", ""}}},
    {"one space goes", "data:a\n\ndata:  b\n\n", {{"", "a"}, {"", " b"}}},
    {"colons in data", "data: a: b:c\n\n", {{"", "a: b:c"}}},
    {"comments", ": hello\n:\n:data: x\ndata: a\n: in it\n\n", {{"", "a"}}},
    {"other fields", "id: 1\nretry: 10\ndatas: x\ndat: y\nDATA: z\ndata: a\n\n", {{"", "a"}}},
    {"space before the colon is another field", "data : x\n\n", {}},
    {"no data is no event", "event: ping\n\ndata: a\n\n", {{"", "a"}}},
    {"blank lines between", "\n\n\ndata: a\n\n\n\n", {{"", "a"}}},
    {"byte-order mark",
     "\xEF\xBB\xBF"
     "data: a\n\n",
     {{"", "a"}}},
    {"byte-order mark alone in its line", "\xEF\xBB\xBF\ndata: a\n\n", {{"", "a"}}},
    {"a mark that is not at the start",
     "data: a\n\n\xEF\xBB\xBF"
     "data: b\n\n",
     {{"", "a"}}},
    {"half a mark",
     "\xEF\xBB"
     "data: a\n\ndata: b\n\n",
     {{"", "b"}}},
    {"NUL in data", std::string("data: a\0b\n\n", 11), {{"", std::string("a\0b", 3)}}},
    // A stream that ends before the blank line has no last event: it may be half a JSON.
    {"cut in a line", "data: a\n\ndata: {\"x\"", {{"", "a"}}, true},
    {"cut behind a line", "data: a\n\ndata: b\n", {{"", "a"}}, true},
    {"cut behind a name", "event: a\n", {}, true},
    {"cut behind a comment", "data: a\n\n: x\n", {{"", "a"}}},
};

TEST_CASE("a stream is cut into its events at any split", "[wire]") {
  for (const Case& row : kStreams) {
    INFO(row.name);
    const Decoded expected{row.events, row.mid_event, Code::kOk};
    CHECK(decode_whole(row.stream).events == row.events);
    CHECK(decode_whole(row.stream) == expected);
    CHECK(decode(row.stream, [](size_t) { return 1; }) == expected);
    for (size_t cut = 1; cut < row.stream.size(); ++cut) {
      INFO("cut at " << cut);
      const size_t behind = row.stream.size() - cut;
      CHECK(decode(row.stream, [&](size_t left) { return left > behind ? cut : left; }) ==
            expected);
    }
  }
}

TEST_CASE("an event beyond the bound ends the decoder, at any split", "[wire]") {
  struct Row {
    const char* name;
    std::string stream;
    size_t events;
    Code code;
  };
  const Row rows[] = {
      {"a line that fits", "data: " + std::string(94, 'x') + "\n\n", 1, Code::kOk},
      {"a line that does not", "data: a\n\ndata: " + std::string(95, 'x') + "\n\n", 1,
       Code::kLimit},
      {"a line without end", "data: " + std::string(500, 'x'), 0, Code::kLimit},
      {"many data lines",
       "data: " + std::string(50, 'x') + "\ndata: " + std::string(50, 'x') + "\n\n", 0,
       Code::kLimit},
      {"a long comment", ":" + std::string(100, 'x') + "\n", 0, Code::kLimit},
      {"many small comments",
       [] {
         std::string stream;
         for (int i = 0; i < 100; ++i)
           stream += ": comment\n";
         return stream + "data: a\n\n";
       }(),
       1, Code::kOk},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const Decoded whole = decode_whole(row.stream, 100);
    CHECK(whole.code == row.code);
    CHECK(whole.events.size() == row.events);
    for (size_t size = 1; size < 30; ++size) {
      const Decoded split = decode(
          row.stream, [&](size_t left) { return std::min(left, size); }, 100);
      CHECK(split.code == row.code);
      CHECK(split.events == whole.events);
    }
  }
}

TEST_CASE("a spent decoder stays spent", "[wire]") {
  SseDecoder decoder(10);
  const auto none = [](const SseEvent&) { FAIL("no event is complete"); };
  CHECK(decoder.feed("data: 0123456789", none).code() == Code::kLimit);
  CHECK(decoder.feed("\n\ndata: a\n\n", none).code() == Code::kLimit);
  CHECK(decoder.feed("", none).code() == Code::kLimit);
}

TEST_CASE("a decoder can move in the middle of an event", "[wire]") {
  SseDecoder decoder;
  const auto none = [](const SseEvent&) { FAIL("no event is complete"); };
  REQUIRE(decoder.feed("event: e\ndata: a\nda", none).ok());
  SseDecoder moved = std::move(decoder);
  std::vector<KeptEvent> events;
  REQUIRE(moved
              .feed("ta: b\n\n",
                    [&](const SseEvent& event) {
                      events.push_back({std::string(event.name), std::string(event.data)});
                    })
              .ok());
  CHECK(events == std::vector<KeptEvent>{{"e", "a\nb"}});
}

TEST_CASE("an event that lies whole in the bytes fed is not copied", "[wire]") {
  const std::string stream = "event: a\ndata: " + std::string(1000, 'x') + "\n\n";
  SseDecoder decoder;
  size_t lent = 0;
  REQUIRE(decoder
              .feed(stream,
                    [&](const SseEvent& event) {
                      if (event.data.data() >= stream.data() &&
                          event.data.data() < stream.data() + stream.size())
                        ++lent;
                    })
              .ok());
  CHECK(lent == 1);
}

}  // namespace
}  // namespace tollgate::wire
