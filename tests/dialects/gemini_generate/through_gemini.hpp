#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/gemini_generate/dialect.hpp"
#include "dialects/sse_text.hpp"
#include "json/reader.hpp"
#include "json/walk.hpp"
#include "model/model_facts.hpp"
#include "model/stream_event.hpp"
#include "support/catch.hpp"
#include "support/gemini_rules.hpp"

namespace tollgate::dialects::gemini_generate {

/// A translation as the exchange would make it for a model of AI Studio (or Vertex).
inline Translation translation_to(const std::string& model_id, bool vertex = false) {
  Translation translation;
  translation.requested_model = "the-model";
  translation.target_model = model_id;
  translation.target = "google/" + model_id;
  translation.credential_tag = "01234567";
  translation.facts = model::known_facts(vertex ? "google-vertex" : "google-gemini", model_id);
  translation.traits.name = vertex ? "google-vertex" : "google-gemini";
  translation.traits.image_urls = vertex;
  translation.traits.stop_sequences_max = 5;
  translation.traits.tools_max = 512;
  translation.input_tokens_estimate = 77;
  return translation;
}

inline model::Request request_of(std::string_view anthropic_body) {
  const auto request = anthropic_messages::dialect().decode_request(anthropic_body);
  INFO((request.ok() ? "" : request.status().message()));
  REQUIRE(request.ok());
  return request.value();
}

/// An Anthropic body as this dialect says it.
inline std::string encoded(std::string_view anthropic_body, Translation& translation) {
  std::string out;
  const Status status = dialect().encode_request(request_of(anthropic_body), translation, out);
  INFO(status.message());
  REQUIRE(status.ok());
  return out;
}

/// What the refusal of an Anthropic body says; fails when it is taken.
inline std::string refused(std::string_view anthropic_body, Translation& translation) {
  std::string out;
  const Status status = dialect().encode_request(request_of(anthropic_body), translation, out);
  REQUIRE(status.code() == Code::kInvalid);
  return status.message();
}

/// A small request around messages and other members, as Claude Code would send it.
inline std::string request_text(std::string_view messages, std::string_view more = "") {
  std::string text = "{\"model\":\"m\",\"max_tokens\":1000,\"stream\":true,\"messages\":";
  text.append(messages);
  if (!more.empty()) text.append(",").append(more);
  return text + "}";
}

inline bool has_loss(const Translation& translation, std::string_view what) {
  for (const model::Loss& loss : translation.losses.all()) {
    if (loss.what.find(what) != std::string::npos) return true;
  }
  return false;
}

struct Decoded {
  std::vector<model::StreamEvent> events;
  Status status;
};

/// The events of a text/event-stream fed in these pieces.
inline Decoded decoded(const std::vector<std::string_view>& pieces, Translation& translation) {
  Decoded result;
  const auto decoder = dialect().new_stream_decoder(translation);
  wire::SseDecoder sse;
  for (const std::string_view piece : pieces) {
    const Status fed = sse.feed(piece, [&](const wire::SseEvent& event) {
      if (result.status.ok()) {
        result.status = decoder->on_event(event.name, event.data, result.events);
      }
    });
    REQUIRE(fed.ok());
  }
  if (result.status.ok()) result.status = decoder->on_end(result.events);
  return result;
}

/// The text of a member of a body; "null" when it is not there.
inline std::string member_of(std::string_view body, std::string_view name) {
  json::Document document;
  const auto parsed = document.parse(body);
  REQUIRE(parsed.ok());
  for (json::MemberWalk walk(parsed.value(), body); walk.next();) {
    if (walk.key() == name) return std::string(walk.text());
  }
  return "null";
}

inline std::string one_line(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines)
    out += line + "\n";
  return out;
}

}  // namespace tollgate::dialects::gemini_generate
