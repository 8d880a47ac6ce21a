#pragma once

#include <ctime>
#include <string_view>

#include "tollgate/abi.h"

namespace tollgate::curl_driver {

inline std::string_view view(tg_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

inline tg_bytes bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline bool is_https(std::string_view url) {
  constexpr std::string_view kScheme = "https:";
  if (url.size() < kScheme.size()) return false;
  for (size_t i = 0; i < kScheme.size(); ++i) {
    const char c = url[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != kScheme[i]) return false;
  }
  return true;
}

inline uint64_t read_mono_ns() {
  timespec mono{};
  clock_gettime(CLOCK_MONOTONIC, &mono);
  return static_cast<uint64_t>(mono.tv_sec) * 1'000'000'000U + static_cast<uint64_t>(mono.tv_nsec);
}

/// The driver is a host: the library's idea of time is what this says.
inline tg_time read_time() {
  timespec wall{};
  clock_gettime(CLOCK_REALTIME, &wall);
  return {read_mono_ns(), static_cast<int64_t>(wall.tv_sec) * 1000 + wall.tv_nsec / 1'000'000};
}

}  // namespace tollgate::curl_driver
