#include "exchange/frame_reader.hpp"

#include <string>
#include <utility>
#include <vector>

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
