#include <algorithm>

#include "base/rng.hpp"
#include "dialects/anthropic_messages/stream_watch.hpp"
#include "fuzz/check.hpp"
#include "wire/sse_decoder.hpp"

// From any split the client gets the same bytes, and what it gets is whole events once the watch
// has closed them.

namespace {

using namespace tollgate;
using tollgate::fuzz::check;

struct Passed {
  std::string bytes;
  bool ok = true;
  bool started = false;
  bool complete = false;
  uint64_t events = 0;
  friend bool operator==(const Passed&, const Passed&) = default;
};

template <typename Draw>
Passed pass(std::string_view stream, Draw&& draw) {
  dialects::anthropic_messages::StreamWatch watch("client/model");
  Passed passed;
  while (!stream.empty() && passed.ok) {
    const size_t size = std::min<size_t>(stream.size(), std::max<size_t>(1, draw()));
    passed.ok = watch.feed(stream.substr(0, size), passed.bytes).ok();
    stream.remove_prefix(size);
  }
  watch.finish(passed.bytes);
  if (!watch.complete()) watch.close_partial_event(passed.bytes);
  check(watch.between_events());
  passed.started = watch.started();
  passed.complete = watch.complete();
  passed.events = watch.event_count();
  return passed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view stream = fuzz::text_of(data, size);
  const Passed whole = pass(stream, [&] { return stream.size(); });
  const Passed bytes = pass(stream, [] { return size_t{1}; });
  Rng rng(size);
  const Passed pieces = pass(stream, [&] { return rng.below(100); });
  check(bytes == whole);
  check(pieces == whole);

  wire::SseDecoder decoder;
  size_t starts = 0;
  check(decoder
            .feed(whole.bytes,
                  [&](const wire::SseEvent& event) {
                    starts += event.name == "message_start" ? 1U : 0U;
                    const bool read =
                        event.name == "message_start" || event.name == "message_delta" ||
                        event.name == "message_stop" || event.name == "content_block_start" ||
                        event.name == "content_block_delta" || event.name == "content_block_stop";
                    if (read) check(event.data.find('{') != std::string_view::npos);
                  })
            .ok());
  check(starts <= 1);
  check(!decoder.mid_event());
  return 0;
}
