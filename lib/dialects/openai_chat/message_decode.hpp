#pragma once

#include "base/status.hpp"
#include "json/reader.hpp"
#include "model/request.hpp"

namespace tollgate::dialects::openai_chat {

/// Reads "messages" of a client's request into system, turns and results.
Status decode_messages(json::Value messages, model::Request& request);

}  // namespace tollgate::dialects::openai_chat
