#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dialects/dialect.hpp"
#include "json/writer.hpp"
#include "model/response.hpp"

namespace tollgate::dialects::openai_chat {

/// Why an answer ended, in this dialect's words.
std::string_view finish_name(model::StopReason reason);

/// Writes the members id, object, created and model that begin whole answers and chunks.
void write_head(std::string_view object, std::string_view id, std::string_view model,
                const Translation& translation, json::Writer& writer);

/// Writes the citations of a text block (raw JSON list or elements) as url_citation annotations
/// over characters [begin, end) of the answer's text; how many there were.
size_t write_annotations(std::string_view citations, int64_t begin, int64_t end,
                         json::Writer& writer);

/// Characters (code points) of a text.
int64_t characters_in(std::string_view text);

/// One element of "reasoning_details": the reasoning with its signature, which a client that sends
/// it back keeps valid. Redacted reasoning has data instead.
void write_detail(const model::Block& block, size_t index, json::Writer& writer);

}  // namespace tollgate::dialects::openai_chat
