#pragma once

#include "providers/provider.hpp"

namespace tollgate::providers {

/// Anthropic's own API, and everything that speaks it at another base URL.
const Provider& anthropic_provider();

}  // namespace tollgate::providers
