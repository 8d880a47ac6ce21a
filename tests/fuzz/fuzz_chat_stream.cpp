#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/openai_chat/dialect.hpp"
#include "fuzz/check.hpp"
#include "model/stream_fold.hpp"
#include "wire/sse_decoder.hpp"

// Whatever an upstream sends: the events make an answer, block by block, or an error; the encoders
// of both kinds of client take them, and what this dialect's own writes can be read again.

namespace {

using namespace tollgate;
using tollgate::fuzz::check;

struct Decoded {
  std::vector<model::StreamEvent> events;
  bool ok = true;
};

dialects::Translation client(uint8_t wishes) {
  dialects::Translation translation;
  translation.target = "a/b";
  translation.thinking_wanted = (wishes & 1U) != 0;
  translation.thinking_omitted = (wishes & 2U) != 0;
  translation.single_tool_call = (wishes & 4U) != 0;
  if ((wishes & 8U) != 0) translation.stop_sequences = {"stop", "e\n"};
  if ((wishes & 16U) != 0) translation.declared_tools = {"f", "Bash"};
  translation.stream_usage = (wishes & 32U) != 0;
  return translation;
}

Decoded decode(std::string_view stream, dialects::Translation& translation) {
  Decoded decoded;
  const auto decoder = dialects::openai_chat::dialect().new_stream_decoder(translation);
  wire::SseDecoder events;
  const Status framed = events.feed(stream, [&](const wire::SseEvent& event) {
    if (decoded.ok) decoded.ok = decoder->on_event(event.name, event.data, decoded.events).ok();
  });
  decoded.ok = decoded.ok && framed.ok() && decoder->on_end(decoded.events).ok();
  return decoded;
}

bool failed(const Decoded& decoded) {
  return !decoded.events.empty() && decoded.events.back().kind == model::StreamEventKind::kError;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  // Streams end in line feeds; what stands behind them says what the client wants.
  dialects::Translation translation = client(data[size - 1]);
  const Decoded decoded = decode(fuzz::text_of(data, size), translation);
  const dialects::Dialect& dialect = dialects::openai_chat::dialect();
  const auto encoder = dialect.new_stream_encoder(translation);
  const auto messages = dialects::anthropic_messages::dialect().new_stream_encoder(translation);
  model::StreamFold fold;
  std::string out;
  std::string other;
  for (const model::StreamEvent& event : decoded.events) {
    check(fold.add(event).ok());
    check(encoder->on_event(event, out).ok());
    check(messages->on_event(event, other).ok());
  }
  check(!(failed(decoded) && fold.complete()));
  if (!decoded.ok) return 0;
  check(fold.complete() || failed(decoded));
  dialects::Translation twin = client(1);
  const Decoded again = decode(out, twin);
  check(again.ok);
  check(failed(again) == failed(decoded));
  if (!fold.complete()) return 0;
  std::string body;
  check(dialect.encode_response(fold.response(), translation, body).ok());
  dialects::Translation third = client(1);
  check(dialect.decode_response(body, third).ok());
  return 0;
}
