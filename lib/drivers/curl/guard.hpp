#pragma once

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "tollgate/error.h"

#include "drivers/curl/host.hpp"

namespace tollgate::curl_driver {

/// A failure of the driver's own functions; text and path become the tg_error.
struct Fault {
  tg_status status = TG_OK;
  std::string message;
};

/// Runs a body that returns a Fault; nothing thrown crosses the boundary.
template <typename Body>
tg_status guard(tg_error** error, Body&& body) noexcept {
  if (error != nullptr) *error = nullptr;
  try {
    const Fault fault = std::forward<Body>(body)();
    if (fault.status != TG_OK && error != nullptr && *error == nullptr && !fault.message.empty()) {
      *error = tg_error_create(fault.status, bytes(fault.message), {nullptr, 0});
    }
    return fault.status;
  } catch (const std::bad_alloc&) {
    return TG_E_NOMEM;
  } catch (const std::exception&) {
    return TG_E_INTERNAL;
  }
}

/// Reads a caller's struct as far as the caller knows it, over defaults. A larger one is taken only
/// when its unknown tail is zero.
template <typename Struct>
bool read_struct(const Struct& given, Struct& known) {
  const size_t size = given.struct_size;
  if (size < sizeof(size_t)) return false;
  const auto* raw = reinterpret_cast<const unsigned char*>(&given);
  for (size_t i = sizeof(Struct); i < size; ++i) {
    if (raw[i] != 0) return false;
  }
  std::memcpy(&known, &given, std::min(size, sizeof(Struct)));
  known.struct_size = sizeof(Struct);
  return true;
}

}  // namespace tollgate::curl_driver
