#pragma once

#include "dialects/dialect.hpp"

namespace tollgate::dialects::gemini_generate {

/// Gemini's generateContent, as AI Studio and Vertex AI speak it. For upstreams only: no client
/// speaks it to a gateway, so it decodes no requests and encodes no answers; those functions say so
/// in their status, and the encoder of streams in each of its answers.
const Dialect& dialect();

}  // namespace tollgate::dialects::gemini_generate
