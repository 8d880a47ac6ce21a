#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialects/openai_chat/dialect.hpp"
#include "dialects/sse_text.hpp"
#include "model/stream_fold.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects::openai_chat {

/// For a client that wants to see the thinking.
inline Translation thinking_client() {
  Translation translation;
  translation.requested_model = "coding/gpt";
  translation.target_model = "gpt-4o";
  translation.target = "openai-main/gpt-4o";
  translation.credential_tag = "0a1b2c3d";
  translation.thinking_wanted = true;
  translation.input_tokens_estimate = 77;
  translation.created_at_s = 1790000000;
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

/// A stream of chunks, each given by its JSON.
inline std::string stream_of(const std::vector<std::string>& chunks) {
  std::string bytes;
  for (const std::string& chunk : chunks)
    bytes.append("data: ").append(chunk).append("\n\n");
  return bytes;
}

/// A chunk of the first choice with this delta.
inline std::string delta(const std::string& json) {
  return R"({"id":"x","object":"chat.completion.chunk","model":"gpt-4o-2024","choices":[{"index":0,"delta":)" +
         json + R"(,"finish_reason":null}]})";
}

inline std::string finish(const std::string& reason) {
  return R"({"choices":[{"index":0,"delta":{},"finish_reason":")" + reason + R"("}]})";
}

inline const char* const kUsageChunk =
    R"({"choices":[],"usage":{"prompt_tokens":30,"completion_tokens":5,"total_tokens":35,"prompt_tokens_details":{"cached_tokens":10}}})";

/// Events in few words: "S0 text", "D Hello", "J {…", "G" (a signature), "E0", "end tool_use", ".".
inline std::string in_short(const std::vector<model::StreamEvent>& events) {
  std::string all;
  const auto add = [&](const std::string& word) {
    all.append(all.empty() ? "" : " ").append(word);
  };
  for (const model::StreamEvent& event : events) {
    switch (event.kind) {
      case model::StreamEventKind::kMessageStart:
        add("start");
        break;
      case model::StreamEventKind::kBlockStart:
        add("S" + std::to_string(event.index) +
            (event.block.kind == model::BlockKind::kText       ? ":text"
             : event.block.kind == model::BlockKind::kThinking ? ":think"
                                                               : ":" + event.block.name));
        break;
      case model::StreamEventKind::kBlockDelta:
        add(event.delta == model::DeltaKind::kText        ? "D'" + event.text + "'"
            : event.delta == model::DeltaKind::kThinking  ? "T'" + event.text + "'"
            : event.delta == model::DeltaKind::kInputJson ? "J'" + event.text + "'"
            : event.delta == model::DeltaKind::kSignature ? "G"
                                                          : "C");
        break;
      case model::StreamEventKind::kBlockStop:
        add("E" + std::to_string(event.index));
        break;
      case model::StreamEventKind::kMessageDelta: {
        const char* names[] = {"unset", "end_turn", "max_tokens", "stop_sequence", "tool_use",
                               "pause", "compact",  "refusal",    "context",       "other"};
        add(names[static_cast<size_t>(event.stop_reason)]);
        if (event.has_stop_sequence) add("at'" + event.stop_sequence + "'");
        break;
      }
      case model::StreamEventKind::kMessageStop:
        add("stop");
        break;
      case model::StreamEventKind::kError:
        add("error");
        break;
      default:
        add("?");
    }
  }
  return all;
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

/// The events of these chunks in few words, "[DONE]" behind them.
inline std::string told(const std::vector<std::string>& chunks, Translation& translation) {
  const DecodedStream decoded =
      decode_pieces({stream_of(chunks) + "data: [DONE]\n\n"}, translation);
  return decoded.status.ok() ? in_short(decoded.events)
                             : in_short(decoded.events) + " broken: " + decoded.status.message();
}

inline std::string told(const std::vector<std::string>& chunks) {
  Translation translation = thinking_client();
  return told(chunks, translation);
}

}  // namespace tollgate::dialects::openai_chat
