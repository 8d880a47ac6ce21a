#pragma once

#include "base/status.hpp"
#include "exchange/environment.hpp"
#include "router/routing.hpp"
#include "wire/headers.hpp"

namespace tollgate::exchange {

/// Puts what `x-tollgate-retry-config` (or its x-tfy- twin) asks for in place of what a target has:
/// `attempts` after the first call, `delay` in milliseconds, `onStatusCodes`; each may be absent.
/// kInvalid with a sentence for the client when the header is not such an object.
Status apply_retry_wish(const wire::Headers& headers, DocumentPool& documents,
                        router::Retry& retry);

}  // namespace tollgate::exchange
