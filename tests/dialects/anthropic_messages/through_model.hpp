#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/sse_text.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects::anthropic_messages {

inline model::Request decoded_request(std::string_view body) {
  const auto request = dialect().decode_request(body);
  INFO((request.ok() ? "" : request.status().message()));
  REQUIRE(request.ok());
  return request.value();
}

inline std::string encoded_request(const model::Request& request) {
  Translation translation;
  if (!request.max_tokens) translation.operation = Operation::kCountTokens;
  std::string out;
  REQUIRE(dialect().encode_request(request, translation, out).ok());
  return out;
}

inline model::Response decoded_response(std::string_view body) {
  Translation translation;
  const auto response = dialect().decode_response(body, translation);
  INFO((response.ok() ? "" : response.status().message()));
  REQUIRE(response.ok());
  return response.value();
}

inline std::string encoded_response(const model::Response& response,
                                    const std::string& requested_model) {
  Translation translation;
  translation.requested_model = requested_model;
  std::string out;
  REQUIRE(dialect().encode_response(response, translation, out).ok());
  return out;
}

struct DecodedStream {
  std::vector<model::StreamEvent> events;
  Status status;
};

inline DecodedStream decoded_stream(std::string_view bytes) {
  DecodedStream result;
  Translation translation;
  const auto decoder = dialect().new_stream_decoder(translation);
  for (const test::SseText& event : test::sse_events(bytes)) {
    result.status = decoder->on_event(event.name, event.data, result.events);
    if (!result.status.ok()) return result;
  }
  result.status = decoder->on_end(result.events);
  return result;
}

inline std::string encoded_stream(const std::vector<model::StreamEvent>& events,
                                  Translation& translation) {
  const auto encoder = dialect().new_stream_encoder(translation);
  std::string out;
  for (const model::StreamEvent& event : events) {
    const Status status = encoder->on_event(event, out);
    INFO(status.message());
    REQUIRE(status.ok());
  }
  return out;
}

}  // namespace tollgate::dialects::anthropic_messages
