// Recorded streams through the whole exchange: any split gives the same bytes, every cut gives the
// whole answer or an error.

#include <string>

#include "base/rng.hpp"
#include "support/fake_host.hpp"
#include "support/recordings.hpp"
#include "wire/sse_decoder.hpp"

namespace tollgate::test {
namespace {

constexpr std::string_view kBody =
    R"({"model":"claude-same","max_tokens":100,"messages":[],"stream":true})";

FakeHost started(const std::shared_ptr<gateway::Gateway>& gateway) {
  FakeHost host(gateway);
  host.post(kBody);
  host.upstream_head(200, {{"content-type", "text/event-stream; charset=utf-8"}});
  return host;
}

TEST_CASE("any split of a recorded stream gives the client the same bytes") {
  const auto gateway = make_gateway();
  for (const auto& path : recordings("anthropic", ".sse")) {
    CAPTURE(path);
    const std::string stream = read_file(path);
    FakeHost whole = started(gateway);
    whole.upstream_body(stream);
    whole.upstream_end();
    REQUIRE(whole.done);
    Rng rng(42);
    for (int round = 0; round < 5; ++round) {
      FakeHost host = started(gateway);
      for (size_t at = 0; at < stream.size();) {
        const size_t size = 1 + rng.below(round == 0 ? 7 : 400);
        host.upstream_body(std::string_view(stream).substr(at, size));
        at += size;
      }
      host.upstream_end();
      REQUIRE(host.body == whole.body);
      REQUIRE(host.done);
    }
  }
}

/// What a client makes of a stream: its end, and whether every event's data was JSON.
struct Heard {
  bool stopped = false;
  bool failed = false;
  bool all_json = true;
};

Heard hear(std::string_view bytes) {
  Heard heard;
  wire::SseDecoder decoder;
  json::Document document;
  const Status status = decoder.feed(bytes, [&](const wire::SseEvent& event) {
    if (event.name == "ping") return;
    if (event.name == "message_stop") heard.stopped = true;
    if (event.name == "error") heard.failed = true;
    if (!event.data.empty() && !document.parse(event.data).ok()) heard.all_json = false;
  });
  REQUIRE(status.ok());
  return heard;
}

TEST_CASE("a stream cut at any byte is a whole answer or an error") {
  const auto gateway = make_gateway();
  size_t longest = 3000;
  for (const auto& path : recordings("anthropic", ".sse")) {
    CAPTURE(path);
    const std::string stream = read_file(path);
    if (stream.size() > longest) continue;
    for (size_t cut = 0; cut < stream.size(); ++cut) {
      CAPTURE(cut);
      FakeHost host = started(gateway);
      if (cut > 0) host.upstream_body(std::string_view(stream).substr(0, cut));
      if (cut % 2 == 0) {
        host.upstream_end();
      } else {
        host.upstream_failed(TG_FAILURE_RESET);
      }
      REQUIRE(host.done);
      if (host.status != 200) {
        REQUIRE(host.status == 502);
        continue;
      }
      const Heard heard = hear(host.body);
      REQUIRE(heard.all_json);
      REQUIRE(heard.stopped != heard.failed);
    }
  }
}

}  // namespace
}  // namespace tollgate::test
