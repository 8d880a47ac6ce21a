#pragma once

#include "base/status.hpp"
#include "router/routing.hpp"
#include "wire/headers.hpp"

namespace tollgate::exchange {

/// Removes and sets headers of an upstream request. What is set replaces what was there; values of
/// `anthropic-beta` are added to the list instead.
Status apply_headers_override(const router::HeadersOverride& changes, wire::Headers& headers);

}  // namespace tollgate::exchange
