#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialects/openai_responses/dialect.hpp"
#include "dialects/sse_text.hpp"
#include "model/stream_fold.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects::openai_responses {

/// As an OpenAI upstream, for a client that wants to see the thinking.
inline Translation thinking_client() {
  Translation translation;
  translation.requested_model = "coding/gpt";
  translation.target_model = "gpt-5.5";
  translation.target = "openai-main/gpt-5.5";
  translation.credential_tag = "0a1b2c3d";
  translation.thinking_wanted = true;
  return translation;
}

struct DecodedStream {
  std::vector<model::StreamEvent> events;
  Status status;
};

inline DecodedStream decode_pieces(const std::vector<std::string_view>& pieces,
                                   Translation& translation) {
  DecodedStream result;
  const auto decoder = dialect().new_stream_decoder(translation);
  wire::SseDecoder sse;
  for (const std::string_view piece : pieces) {
    const Status framed = sse.feed(piece, [&](const wire::SseEvent& event) {
      if (!result.status.ok()) return;
      result.status = decoder->on_event(event.name, event.data, result.events);
    });
    REQUIRE(framed.ok());
    if (!result.status.ok()) return result;
  }
  result.status = decoder->on_end(result.events);
  return result;
}

inline DecodedStream decoded_stream(std::string_view bytes, Translation& translation) {
  return decode_pieces({bytes}, translation);
}

/// A stream of events written as their JSON, a line each.
inline std::string stream_of(const std::vector<std::string>& events) {
  std::string bytes;
  for (const std::string& event : events)
    bytes.append("data: ").append(event).append("\n\n");
  return bytes;
}

/// The answer that the events make. Blocks must come one after the other.
inline model::Response folded(const std::vector<model::StreamEvent>& events) {
  model::StreamFold fold;
  for (const model::StreamEvent& event : events) {
    const Status status = fold.add(event);
    INFO(status.message());
    REQUIRE(status.ok());
  }
  REQUIRE(fold.complete());
  return fold.take();
}

inline model::Response stream_answer(const std::vector<std::string>& events,
                                     Translation& translation) {
  const DecodedStream decoded = decoded_stream(stream_of(events), translation);
  INFO(decoded.status.message());
  REQUIRE(decoded.status.ok());
  return folded(decoded.events);
}

inline model::Response whole_answer(std::string_view body, Translation& translation) {
  const auto response = dialect().decode_response(body, translation);
  INFO((response.ok() ? "" : response.status().message()));
  REQUIRE(response.ok());
  return response.value();
}

/// Blocks in few words: "text:Hello", "call:Bash {…}", "thinking:…".
inline std::vector<std::string> told(const model::Response& response) {
  std::vector<std::string> lines;
  for (const model::Block& block : response.content) {
    switch (block.kind) {
      case model::BlockKind::kText:
        lines.push_back("text:" + block.text);
        break;
      case model::BlockKind::kThinking:
        lines.push_back("thinking:" + block.text);
        break;
      case model::BlockKind::kToolUse:
        lines.push_back("call:" + block.name + " " + block.input);
        break;
      case model::BlockKind::kServerToolUse:
        lines.push_back("search:" + block.input);
        break;
      case model::BlockKind::kServerToolResult:
        lines.push_back("found:" + block.input);
        break;
      default:
        lines.push_back("other");
    }
  }
  return lines;
}

}  // namespace tollgate::dialects::openai_responses
