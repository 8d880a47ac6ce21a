#pragma once

// The OpenAI Responses dialect, of OpenAI, Azure, xAI and others, in both directions.

#include "dialects/dialect.hpp"

namespace tollgate::dialects::openai_responses {

const Dialect& dialect();

}  // namespace tollgate::dialects::openai_responses
