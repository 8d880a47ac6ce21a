#include "dialects/anthropic_messages/dialect.hpp"
#include "fuzz/check.hpp"
#include "model/stream_fold.hpp"
#include "wire/sse_decoder.hpp"

// What the decoder takes, the fold and the encoder take too, and the decoder again.

namespace {

using namespace tollgate;
using tollgate::fuzz::check;

struct Decoded {
  std::vector<model::StreamEvent> events;
  bool ok = true;
};

Decoded decode(std::string_view stream) {
  Decoded decoded;
  dialects::Translation translation;
  const auto decoder = dialects::anthropic_messages::dialect().new_stream_decoder(translation);
  wire::SseDecoder events;
  const Status framed = events.feed(stream, [&](const wire::SseEvent& event) {
    if (decoded.ok) decoded.ok = decoder->on_event(event.name, event.data, decoded.events).ok();
  });
  decoded.ok = decoded.ok && framed.ok() && decoder->on_end(decoded.events).ok();
  return decoded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Decoded decoded = decode(fuzz::text_of(data, size));
  const dialects::Dialect& dialect = dialects::anthropic_messages::dialect();
  dialects::Translation translation;
  const auto encoder = dialect.new_stream_encoder(translation);
  model::StreamFold fold;
  std::string out;
  for (const model::StreamEvent& event : decoded.events) {
    check(fold.add(event).ok());
    check(encoder->on_event(event, out).ok());
  }
  if (!decoded.ok) return 0;
  check(decode(out).ok);
  if (!fold.complete()) return 0;
  std::string body;
  check(dialect.encode_response(fold.response(), translation, body).ok());
  const auto reread = dialect.decode_response(body, translation);
  check(reread.ok());
  std::string again;
  check(dialect.encode_response(reread.value(), translation, again).ok());
  check(again == body);
  return 0;
}
