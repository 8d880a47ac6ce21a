#pragma once

// What every exported function needs: nothing thrown crosses the boundary, outputs are cleared on
// failure, and a transparent struct is read only as far as its caller knows it.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "tollgate/abi.h"
#include "tollgate/error.h"
#include "tollgate/text.h"

#include "base/limits.hpp"
#include "base/status.hpp"
#include "base/time.hpp"

struct tg_error {
  tollgate::Status status;
};

struct tg_text {
  std::string bytes;
};

namespace tollgate::capi {

/// Gives the status of a failure, and its error object when the caller wants one.
tg_status export_error(const Status& status, tg_error** error) noexcept;

/// Runs a body that returns a Status; turns whatever happens into a tg_status.
template <typename Body>
tg_status guard(tg_error** error, Body&& body) noexcept {
  if (error != nullptr) *error = nullptr;
  try {
    const Status status = std::forward<Body>(body)();
    return status.ok() ? static_cast<tg_status>(TG_OK) : export_error(status, error);
  } catch (const std::bad_alloc&) {
    return TG_E_NOMEM;  // No object: making one would allocate again.
  } catch (const std::exception& e) {
    return export_error(Status(Code::kInternal, e.what()), error);
  } catch (...) {
    return TG_E_INTERNAL;
  }
}

inline std::string_view view(tg_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

inline tg_bytes bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// A host's time. Calendars reach from year 1 to 9999: what lies outside is no clock's.
inline Time time_of(tg_time now) {
  return {now.mono_ns,
          std::clamp(now.wall_ms, int64_t{-62'135'596'800'000}, int64_t{253'402'300'799'999})};
}

/// Bytes a caller handed in: NULL data with a size is a mistake.
inline Status check_bytes(tg_bytes given, const char* name) {
  if (given.data == nullptr && given.size > 0) {
    return invalid(std::string(name) + " is NULL but has a size");
  }
  return Status();
}

/// Header pairs a caller handed in. Nobody looks at more than one above limits::kHeaderPairsMax.
inline Status check_headers(const tg_bytes* headers, uint32_t pair_count) {
  if (headers == nullptr && pair_count > 0) return invalid("headers is NULL");
  for (size_t i = 0; i < size_t{2} * pair_count && i < 2 * limits::kHeaderPairsMax + 2; ++i) {
    if (Status status = check_bytes(headers[i], "headers"); !status.ok()) return status;
  }
  return Status();
}

/// Copies a caller's transparent struct over the defaults in `known`: fields the caller does not
/// know keep their defaults; a larger struct is accepted only when its unknown tail is zero.
template <typename Struct>
Status read_struct(const Struct* given, Struct& known, const char* name) {
  if (given == nullptr) return Status();
  const size_t size = given->struct_size;
  if (size < sizeof(size_t)) {
    return Status(Code::kAbi, std::string(name) + ".struct_size is not set; use its _INIT macro");
  }
  if (size > sizeof(Struct)) {
    const auto* tail = reinterpret_cast<const unsigned char*>(given);
    for (size_t i = sizeof(Struct); i < size; ++i) {
      if (tail[i] != 0) {
        return Status(Code::kAbi, std::string(name) + " has fields newer than this library");
      }
    }
  }
  std::memcpy(&known, given, size < sizeof(Struct) ? size : sizeof(Struct));
  known.struct_size = sizeof(Struct);
  return Status();
}

/// Writes as much of `known` as the caller's struct has room for; its struct_size stays.
template <typename Struct>
void write_struct(const Struct& known, Struct* given) {
  const size_t size = given->struct_size < sizeof(Struct) ? given->struct_size : sizeof(Struct);
  std::memcpy(reinterpret_cast<char*>(given) + sizeof(size_t),
              reinterpret_cast<const char*>(&known) + sizeof(size_t), size - sizeof(size_t));
}

}  // namespace tollgate::capi
