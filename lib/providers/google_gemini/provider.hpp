#pragma once

#include "providers/provider.hpp"

namespace tollgate::providers {

/// Gemini models by a key of AI Studio.
const Provider& google_gemini_provider();

}  // namespace tollgate::providers
