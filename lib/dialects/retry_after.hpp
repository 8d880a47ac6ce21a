#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wire/headers.hpp"

namespace tollgate::dialects {

/// How long an upstream asks to wait, in whole seconds rounded up: what its headers say in seconds,
/// milliseconds or (beside a Date header) as a date; else what the message says ("Please try again
/// in 1.898s"); else when a rate that is used up begins anew. Waits that are not told outright are
/// capped at 60 s.
std::optional<int64_t> retry_after_seconds(const wire::Headers& headers, std::string_view message);

/// "Wed, 21 Oct 2015 07:28:00 GMT" in milliseconds since 1970.
std::optional<int64_t> http_date(std::string_view text);

}  // namespace tollgate::dialects
