#include "exchange/frame_reader.hpp"

#include <string>
#include <utility>
#include <vector>

#include "support/aws_frames.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

using namespace tollgate;

namespace {

using Events = std::vector<std::pair<std::string, std::string>>;

Events read(const std::string& bytes, providers::Framing framing, size_t step) {
  exchange::FrameReader reader(*providers::find_provider("aws-bedrock"), framing);
  Events events;
  for (size_t at = 0; at < bytes.size(); at += step) {
    const Status status = reader.feed(
        std::string_view(bytes).substr(at, step),
        [&](std::string_view name, std::string_view data) { events.emplace_back(name, data); });
    REQUIRE(status.ok());
  }
  return events;
}

}  // namespace

TEST_CASE("server-sent events pass with their names") {
  const Events events = read("event: a\ndata: 1\n\ndata: 2\n\n", providers::Framing::kSse, 3);
  CHECK(events == Events{{"a", "1"}, {"", "2"}});
}

TEST_CASE("recorded frames of Bedrock are the same events in any split") {
  for (const auto& path : test::recordings("bedrock", ".bin")) {
    CAPTURE(path);
    const bool chunks = path.string().find("invoke-") != std::string::npos;
    const auto framing = chunks ? providers::Framing::kAwsChunks : providers::Framing::kAwsEvents;
    const std::string bytes = test::read_file(path);
    const Events whole = read(bytes, framing, bytes.size());
    CHECK_FALSE(whole.empty());
    CHECK(read(bytes, framing, 1) == whole);
    CHECK(read(bytes, framing, 7) == whole);
    if (chunks) CHECK(whole[0].first == "message_start");
  }
}

TEST_CASE("bytes that are no frames are an error") {
  exchange::FrameReader reader(*providers::find_provider("aws-bedrock"),
                               providers::Framing::kAwsEvents);
  CHECK_FALSE(reader.feed(std::string(64, 'x'), [](std::string_view, std::string_view) {}).ok());
}

TEST_CASE("what frames hold besides chunks and events") {
  using test::aws_event_frame;
  using test::aws_frame;
  struct Row {
    const char* name;
    std::string frame;
    providers::Framing framing;
    Events events;
  };
  constexpr auto kChunks = providers::Framing::kAwsChunks;
  constexpr auto kEvents = providers::Framing::kAwsEvents;
  const std::string error = aws_frame(
      {{":message-type", "error"}, {":error-code", "Odd"}, {":error-message", "oops"}}, "");
  const std::string exception = test::aws_exception_frame("odd", R"({"message":"m"})");
  const Row rows[] = {
      {"an empty frame among chunks", test::aws_raw_frame("", ""), kChunks, {}},
      {"an empty frame among events", test::aws_raw_frame("", ""), kEvents, {}},
      {"another kind of message", aws_frame({{":message-type", "ping"}}, "x"), kChunks, {}},
      {"an event among chunks", aws_event_frame("initial-response", ""), kChunks, {}},
      {"an event nobody knows", aws_event_frame("new", "x"), kEvents, {{"new", "x"}}},
      {"an error among events", error, kEvents, {{"exception#Odd", R"({"message":"oops"})"}}},
      {"an exception among events", exception, kEvents, {{"exception#odd", R"({"message":"m"})"}}},
      {"an error among chunks",
       error,
       kChunks,
       {{"error", R"({"type":"error","error":{"type":"api_error","message":"oops"}})"}}},
      {"an exception among chunks",
       exception,
       kChunks,
       {{"error", R"({"type":"error","error":{"type":"api_error","message":"m"}})"}}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(read(row.frame, row.framing, row.frame.size()) == row.events);
    CHECK(read(row.frame, row.framing, 1) == row.events);
  }
}
