#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"
#include "wire/sse_decoder.hpp"
#include "wire/sse_support.hpp"

namespace tollgate::wire {
namespace {

/// The standard's algorithm in its plainest form, on the whole text, for recordings: they have
/// neither comments nor a byte-order mark in the middle.
std::vector<KeptEvent> by_the_book(std::string text) {
  for (size_t at = 0; (at = text.find("\r\n", at)) != std::string::npos;)
    text.erase(at, 1);
  std::replace(text.begin(), text.end(), '\r', '\n');
  std::vector<KeptEvent> events;
  KeptEvent event;
  bool has_data = false;
  for (size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    const std::string line = text.substr(begin, end - begin);
    if (line.empty()) {
      if (has_data) events.push_back(event);
      event = KeptEvent{};
      has_data = false;
    }
    const auto field = [&](const std::string& name, std::string& into, bool add) {
      if (line.rfind(name + ":", 0) != 0) return false;
      std::string value = line.substr(name.size() + 1);
      if (!value.empty() && value[0] == ' ') value.erase(0, 1);
      into = add ? into + "\n" + value : value;
      return true;
    };
    field("event", event.name, false);
    if (field("data", event.data, has_data)) has_data = true;
  }
  return events;
}

struct Recorded {
  std::filesystem::path path;
  std::string stream;
};

std::vector<Recorded> all_streams() {
  std::vector<Recorded> streams;
  for (const char* folder : {"anthropic", "openai", "gemini"}) {
    for (const auto& path : test::recordings(folder, ".sse"))
      streams.push_back({path, test::read_file(path)});
  }
  return streams;
}

TEST_CASE("recorded streams decode as the standard says", "[wire]") {
  for (const Recorded& recorded : all_streams()) {
    INFO(recorded.path);
    const Decoded whole = decode_whole(recorded.stream);
    CHECK(whole.code == Code::kOk);
    CHECK(whole.events == by_the_book(recorded.stream));
    CHECK_FALSE(whole.events.empty());
  }
}

TEST_CASE("recorded streams decode the same at any split", "[wire]") {
  Rng rng(7);
  for (const Recorded& recorded : all_streams()) {
    INFO(recorded.path);
    const std::string_view stream = recorded.stream;
    const Decoded whole = decode_whole(stream);
    CHECK(decode(stream, [](size_t) { return 1; }) == whole);
    for (const uint64_t largest : {3U, 17U, 200U, 5000U}) {
      INFO("pieces up to " << largest);
      CHECK(decode(stream, [&](size_t left) {
              return std::min<size_t>(left, 1 + rng.below(largest));
            }) == whole);
    }
  }
}

TEST_CASE("recorded streams cut anywhere give a beginning of their events", "[wire]") {
  for (const Recorded& recorded : all_streams()) {
    // Every byte of the first part; the rest differs in nothing but length.
    const std::string_view stream = std::string_view(recorded.stream).substr(0, 3000);
    INFO(recorded.path);
    const std::vector<KeptEvent> whole = decode_whole(recorded.stream).events;
    size_t wrong = 0;
    for (size_t size = 0; size <= stream.size(); ++size) {
      const std::vector<KeptEvent> cut = decode_whole(stream.substr(0, size)).events;
      if (cut.size() > whole.size() || !std::equal(cut.begin(), cut.end(), whole.begin())) ++wrong;
    }
    CHECK(wrong == 0);
  }
}

}  // namespace
}  // namespace tollgate::wire
