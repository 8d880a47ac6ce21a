#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/bedrock_converse/dialect.hpp"
#include "dialects/same_json.hpp"
#include "model/model_facts.hpp"
#include "model/stream_fold.hpp"
#include "support/catch.hpp"
#include "support/converse_rules.hpp"
#include "wire/aws_event_decoder.hpp"

namespace tollgate::dialects::bedrock_converse {

inline constexpr std::string_view kClaude = "us.anthropic.claude-sonnet-4-6";
inline constexpr std::string_view kNova2 = "us.amazon.nova-2-lite-v1:0";
inline constexpr std::string_view kLlama = "us.meta.llama3-3-70b-instruct-v1:0";

inline Translation translation_to(std::string_view model_id) {
  Translation translation;
  translation.requested_model = "bedrock/model";
  translation.target_model = model_id;
  translation.target = "bedrock/model";
  translation.credential_tag = "0a1b2c3d";
  translation.facts = model::known_facts("aws-bedrock", model_id);
  translation.id_seed = 7;
  return translation;
}

inline model::Request request_of(std::string_view body) {
  const auto request = anthropic_messages::dialect().decode_request(body);
  INFO((request.ok() ? std::string() : request.status().message()));
  REQUIRE(request.ok());
  return request.value();
}

/// What encode_request writes; a body Converse would refuse fails the test.
inline std::string encoded(std::string_view body, Translation& translation) {
  std::string out;
  const Status status = dialect().encode_request(request_of(body), translation, out);
  INFO(status.message());
  REQUIRE(status.ok());
  if (translation.operation == Operation::kGenerate) {
    for (const std::string& violation : test::converse_violations(out, translation.target_model)) {
      INFO(out.substr(0, 3000));
      FAIL_CHECK(violation);
    }
  }
  return out;
}

inline std::string encoded(std::string_view body, std::string_view model_id) {
  Translation translation = translation_to(model_id);
  return encoded(body, translation);
}

inline bool has_loss(const Translation& translation, std::string_view text) {
  for (const model::Loss& loss : translation.losses.all()) {
    if (loss.what.find(text) != std::string::npos) return true;
  }
  return false;
}

/// Events of a stream, as a decoder made them, and how it ended.
struct Decoded {
  std::vector<model::StreamEvent> events;
  Code code = Code::kOk;
  friend bool operator==(const Decoded&, const Decoded&) = default;
};

/// Frames to model events, as the exchange does it; `next_size(left)` cuts the bytes.
template <typename NextSize>
Decoded decode_stream(std::string_view stream, Translation& translation, NextSize&& next_size) {
  Decoded decoded;
  const auto decoder = dialect().new_stream_decoder(translation);
  wire::AwsEventDecoder frames;
  while (!stream.empty() && decoded.code == Code::kOk) {
    const std::string piece(stream.substr(0, static_cast<size_t>(next_size(stream.size()))));
    stream.remove_prefix(piece.size());
    Status inner;
    const Status framing = frames.feed(piece, [&](const wire::AwsEvent& event) {
      if (inner.ok()) inner = decoder->on_event(event.type, event.payload, decoded.events);
    });
    decoded.code = inner.ok() ? framing.code() : inner.code();
  }
  if (decoded.code == Code::kOk) decoded.code = decoder->on_end(decoded.events).code();
  return decoded;
}

inline Decoded decode_stream(std::string_view stream, Translation& translation) {
  return decode_stream(stream, translation, [](size_t left) { return left; });
}

/// The whole answer the events make; events out of order fail the test.
inline model::Response folded(const std::vector<model::StreamEvent>& events) {
  model::StreamFold fold;
  for (const model::StreamEvent& event : events)
    REQUIRE(fold.add(event).ok());
  return fold.take();
}

}  // namespace tollgate::dialects::bedrock_converse
