#pragma once

// Between the C ABI's bytes and the standard library's.

#include <memory>
#include <string_view>

#include "tollgate/tollgate.h"

namespace tollgate::server {

inline tg_bytes to_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline std::string_view to_view(tg_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

/// Handles of the C ABI as owning pointers.
struct HandleDeleter {
  void operator()(tg_gateway* handle) const { tg_gateway_free(handle); }
  void operator()(tg_policy* handle) const { tg_policy_free(handle); }
  void operator()(tg_exchange* handle) const { tg_exchange_free(handle); }
  void operator()(tg_background* handle) const { tg_background_close(handle); }
  void operator()(tg_text* handle) const { tg_text_free(handle); }
  void operator()(tg_error* handle) const { tg_error_free(handle); }
};
template <typename Handle>
using Owned = std::unique_ptr<Handle, HandleDeleter>;

/// The error's text, or a general one when memory ran out and there is none.
inline std::string_view message_of(const tg_error* error) {
  const std::string_view text = to_view(tg_error_message(error));
  return text.empty() ? std::string_view("out of memory") : text;
}

}  // namespace tollgate::server
