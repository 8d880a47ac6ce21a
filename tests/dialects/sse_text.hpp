#pragma once

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "wire/sse_decoder.hpp"

namespace tollgate::test {

struct SseText {
  std::string name;
  std::string data;
};

/// The events a client sees in these bytes.
inline std::vector<SseText> sse_events(std::string_view bytes) {
  std::vector<SseText> events;
  wire::SseDecoder decoder;
  const Status status = decoder.feed(bytes, [&](const wire::SseEvent& event) {
    events.push_back({std::string(event.name), std::string(event.data)});
  });
  REQUIRE(status.ok());
  return events;
}

/// Cuts a text at random places; the same seed cuts the same.
inline std::vector<std::string_view> random_pieces(std::string_view text, uint32_t seed) {
  std::mt19937 random(seed);
  // Some seeds cut fine, some coarse.
  const size_t longest = size_t{1} << (1 + seed % 10);
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const size_t size = std::min<size_t>(1 + random() % longest, text.size());
    pieces.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return pieces;
}

inline std::vector<std::string_view> single_bytes(std::string_view text) {
  std::vector<std::string_view> pieces;
  for (size_t i = 0; i < text.size(); ++i)
    pieces.push_back(text.substr(i, 1));
  return pieces;
}

}  // namespace tollgate::test
