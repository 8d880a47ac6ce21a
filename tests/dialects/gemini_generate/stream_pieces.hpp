#pragma once

#include <algorithm>
#include <string>

#include "dialects/gemini_generate/signatures.hpp"
#include "dialects/gemini_generate/through_gemini.hpp"
#include "model/stream_fold.hpp"

namespace tollgate::dialects::gemini_generate {

/// The whole answer that these events make.
inline model::Response folded(const std::vector<model::StreamEvent>& events) {
  model::StreamFold fold;
  for (const model::StreamEvent& event : events) {
    const Status status = fold.add(event);
    INFO(status.message());
    REQUIRE(status.ok());
  }
  REQUIRE(fold.complete());
  return fold.response();
}

/// An event of a stream with these parts, and more members of its candidate.
inline std::string chunk(std::string_view parts, std::string_view more = "") {
  std::string text = "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[";
  text.append(parts).append("]}").append(more).append(
      "}],\"usageMetadata\":{\"promptTokenCount\":100,\"cachedContentTokenCount\":40,"
      "\"toolUsePromptTokenCount\":7,\"candidatesTokenCount\":5,\"thoughtsTokenCount\":3},"
      "\"modelVersion\":\"gemini-x\"}");
  // Parts are written over several lines here; an event's data is one.
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text + "\r\n\r\n";
}

inline const std::string kStop = ",\"finishReason\":\"STOP\"";

/// Block kinds and texts of an answer in one line.
inline std::string outline(const model::Response& response, const Translation& translation) {
  std::string out;
  for (const model::Block& block : response.content) {
    switch (block.kind) {
      case model::BlockKind::kText:
        out += "[" + block.text + "]";
        break;
      case model::BlockKind::kThinking:
        out += "<" + block.text + ">";
        break;
      case model::BlockKind::kToolUse:
        out += "(" + block.name + " " + block.input + ")";
        break;
      case model::BlockKind::kRedactedThinking:
        break;
      default:
        out += "{" + block.type + " " + block.input + "}";
    }
    const bool redacted = block.kind == model::BlockKind::kRedactedThinking;
    if (!redacted && block.kind != model::BlockKind::kThinking) continue;
    if (const auto opened = open_signature(translation, redacted ? block.text : block.signature)) {
      const char* places[] = {"call", "text", "own", "thought"};
      out += "#" + std::string(places[static_cast<size_t>(opened->part)]) + "=" + opened->signature;
    }
  }
  return out;
}

}  // namespace tollgate::dialects::gemini_generate
