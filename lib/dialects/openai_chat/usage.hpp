#pragma once

#include "json/reader.hpp"
#include "json/writer.hpp"
#include "model/usage.hpp"

namespace tollgate::dialects::openai_chat {

/// Reads a usage object into counters that do not overlap. Servers differ in what they count as
/// completion; the total tells.
model::UsagePatch read_usage(json::Value usage);

/// Writes the counters as this dialect tells them: prompt_tokens holds all of the prompt.
void write_usage(const model::Usage& usage, json::Writer& writer);

}  // namespace tollgate::dialects::openai_chat
