#pragma once

#include "dialects/dialect.hpp"

namespace tollgate::dialects::openai_chat {

/// OpenAI Chat Completions, and the servers that copy it.
const Dialect& dialect();

}  // namespace tollgate::dialects::openai_chat
