#pragma once

#include "dialects/dialect.hpp"

namespace tollgate::dialects::anthropic_messages {

/// Anthropic Messages, the clients' own shape.
const Dialect& dialect();

}  // namespace tollgate::dialects::anthropic_messages
