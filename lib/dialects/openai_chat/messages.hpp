#pragma once

#include <cstddef>
#include <string>

#include "base/status.hpp"
#include "dialects/dialect.hpp"
#include "json/writer.hpp"

namespace tollgate::dialects::openai_chat {

/// What the system prompt says besides the client's own words.
struct SystemAdditions {
  std::string text;  ///< Goes behind them; may be empty.
};

/// How much of the messages is no text: base64 that stands for pictures and files.
struct DataSize {
  size_t bytes = 0;
  size_t items = 0;
};

/// Writes "messages" of a repaired request. A status with a text for the client when a block
/// cannot be said in this dialect or not to this upstream.
Status write_messages(const model::Request& request, const SystemAdditions& system,
                      Translation& translation, json::Writer& writer, DataSize& data);

}  // namespace tollgate::dialects::openai_chat
