#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/gemini_generate/dialect.hpp"
#include "fuzz/check.hpp"
#include "model/stream_fold.hpp"
#include "wire/sse_decoder.hpp"

// Whatever a stream of Gemini holds, its events are in order, the client's encoder takes them, and
// the stream ends well only when it was whole.

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tollgate;
  using tollgate::fuzz::check;
  if (size < 1) return 0;
  dialects::Translation translation;
  translation.single_tool_call = (data[0] & 1U) != 0;
  translation.thinking_omitted = (data[0] & 2U) != 0;
  if ((data[0] & 4U) != 0) translation.stop_sequences = {"END", "\"", "ab"};
  const auto decoder = dialects::gemini_generate::dialect().new_stream_decoder(translation);
  std::vector<model::StreamEvent> events;
  bool ok = true;
  wire::SseDecoder sse;
  const Status framed =
      sse.feed(fuzz::text_of(data + 1, size - 1), [&](const wire::SseEvent& event) {
        if (ok) ok = decoder->on_event(event.name, event.data, events).ok();
      });
  ok = ok && framed.ok() && decoder->on_end(events).ok();
  const auto encoder = dialects::anthropic_messages::dialect().new_stream_encoder(translation);
  model::StreamFold fold;
  bool failed = false;
  std::string out;
  for (const model::StreamEvent& event : events) {
    failed = failed || event.kind == model::StreamEventKind::kError;
    check(fold.add(event).ok());
    check(encoder->on_event(event, out).ok());
  }
  check(!(failed && fold.complete()));
  if (ok) check(failed || fold.complete());
  if (!fold.complete()) return 0;
  std::string body;
  check(dialects::anthropic_messages::dialect()
            .encode_response(fold.response(), translation, body)
            .ok());
  check(dialects::anthropic_messages::dialect().decode_response(body, translation).ok());
  return 0;
}
