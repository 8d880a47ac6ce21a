#pragma once

#include <string>

#include "dialects/openai_tools.hpp"
#include "model/request.hpp"

namespace tollgate::dialects::openai_chat {

/// A conversation as one text, for counters that take nothing else: what the server's template will
/// make of it, nearly. Pictures and files are as many words as they have tokens.
std::string prompt_text(const model::Request& request, const OpenaiTools& tools);

}  // namespace tollgate::dialects::openai_chat
