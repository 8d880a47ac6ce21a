#pragma once

#include "providers/provider.hpp"

namespace tollgate::providers {

/// Vertex AI: Gemini models, and Claude where the model's id begins with "claude".
const Provider& google_vertex_provider();

}  // namespace tollgate::providers
