// What must hold for every recorded stream, however it is cut.

#include "dialects/anthropic_messages/answer_splice.hpp"
#include "dialects/anthropic_messages/stream_watch.hpp"
#include "dialects/sse_text.hpp"
#include "json/splice.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

constexpr const char* kClientModel = "team/claude \"quoted\"";

struct Recording {
  std::string name;
  std::string bytes;
};

std::vector<Recording> recorded_streams() {
  std::vector<Recording> found;
  for (const auto& path : test::recordings("anthropic", ".sse")) {
    const std::string bytes = test::read_file(path);
    found.push_back({path.filename().string(), bytes});
    std::string crlf;
    for (const char c : bytes) {
      if (c == '\n') crlf += '\r';
      crlf += c;
    }
    found.push_back({path.filename().string() + " in CRLF", crlf});
  }
  return found;
}

/// The recording with the model's raw string of its first data line replaced: the one change
/// allowed.
std::string expected(const std::string& bytes) {
  const size_t data = bytes.find("data: ") + 6;
  const size_t end = bytes.find_first_of("\r\n", data);
  const auto span =
      json::find_span(std::string_view(bytes).substr(data, end - data), {"message", "model"});
  REQUIRE(span.has_value());
  std::string name;
  json::append_string(name, kClientModel);
  std::string out = bytes;
  out.replace(data + span->offset, span->size, name);
  return out;
}

std::string passed(const std::vector<std::string_view>& pieces) {
  StreamWatch watch(kClientModel);
  std::string out;
  bool ok = true;
  for (const std::string_view piece : pieces)
    ok = watch.feed(piece, out).ok() && ok;
  CHECK(ok);
  watch.finish(out);
  CHECK(watch.complete());
  CHECK(watch.content_begun());
  CHECK(watch.between_events());
  CHECK(watch.usage().tokens.output > 0);
  CHECK_FALSE(watch.stop_reason().empty());
  return out;
}

TEST_CASE("recorded streams: from any split only the model changes") {
  for (const Recording& recording : recorded_streams()) {
    INFO(recording.name);
    const std::string want = expected(recording.bytes);
    CHECK(passed({recording.bytes}) == want);
    CHECK(passed(test::single_bytes(recording.bytes)) == want);
    for (uint32_t seed = 0; seed < 50; ++seed) {
      INFO("seed " << seed);
      REQUIRE(passed(test::random_pieces(recording.bytes, seed)) == want);
    }
  }
}

TEST_CASE("recorded streams: identical bytes where the model is the client's already") {
  for (const Recording& recording : recorded_streams()) {
    INFO(recording.name);
    std::string out;
    StreamWatch first(kClientModel);
    REQUIRE(first.feed(recording.bytes, out).ok());
    StreamWatch watch(first.upstream_model());
    out.clear();
    REQUIRE(watch.feed(recording.bytes, out).ok());
    CHECK(out == recording.bytes);
  }
}

TEST_CASE("recorded streams: no byte is held after message_start") {
  for (const Recording& recording : recorded_streams()) {
    INFO(recording.name);
    StreamWatch watch(kClientModel);
    std::string out;
    for (const char& c : recording.bytes) {
      const bool started = watch.started();
      const size_t before = out.size();
      if (!watch.feed({&c, 1}, out).ok()) FAIL("refused");
      if (started && out.size() != before + 1) FAIL("held a byte");
    }
    CHECK(watch.started());
  }
}

/// What a client makes of the bytes; every event it looks at must be whole.
void check_ending(std::string_view bytes, json::Document& document, bool stopped) {
  size_t stops = 0;
  size_t errors = 0;
  for (const test::SseText& event : test::sse_events(bytes)) {
    if (event.name == "ping") continue;
    INFO(event.name << ": " << event.data);
    if (!document.parse(event.data).ok()) FAIL("half an event");
    if (event.name == "message_stop") ++stops;
    if (event.name == "error") ++errors;
  }
  if (stops != (stopped ? 1U : 0U)) FAIL("stops: " << stops);
  if (errors != (stopped ? 0U : 1U)) FAIL("errors: " << errors);
}

constexpr std::string_view kErrorEvent =
    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\","
    "\"message\":\"cut\"}}\n\n";

TEST_CASE("recorded streams: cut at every byte, the client sees an end or an error") {
  json::Document document;
  for (const Recording& recording : recorded_streams()) {
    INFO(recording.name);
    // Replaying megabytes for each cut proves nothing more: of long streams, the head and the end.
    const size_t size = recording.bytes.size();
    const size_t tail_size = size > 20'000 ? 150 : 600;
    StreamWatch running(kClientModel);
    std::string out;
    for (size_t cut = 0; cut <= size; ++cut) {
      INFO("cut at " << cut);
      if (cut > 0 && !running.feed({&recording.bytes[cut - 1], 1}, out).ok()) FAIL("refused");
      if (cut > 4000 && cut + tail_size < size) continue;
      // A cut ends the watch, so that each cut goes on with a copy.
      StreamWatch watch = running;
      const size_t tail = out.size();
      watch.finish(out);
      const bool stopped = watch.complete();
      if (!stopped) {
        watch.close_partial_event(out);
        out += kErrorEvent;
      }
      check_ending(out, document, stopped);
      out.resize(tail);
    }
  }
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
