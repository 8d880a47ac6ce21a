#pragma once

// Pieces of content as the OpenAI family takes them, in either of its dialects.

#include <cstddef>
#include <string>
#include <string_view>

#include "dialects/dialect.hpp"
#include "json/writer.hpp"
#include "model/content.hpp"

namespace tollgate::dialects {

/// "data:<media type>;base64,<data>" as a JSON string. The data of a kBase64 source.
void write_data_url(json::Writer& writer, const model::Source& source);

/// The URL of a kUrl source or the data URL of a kBase64 one, as a JSON string.
void write_source_url(json::Writer& writer, const model::Source& source);

/// What stands in the place of an image of a type that the upstream cannot read; empty where it
/// can. One refused picture would refuse the whole conversation from then on.
std::string unreadable_image_text(const model::Source& source, const model::UpstreamTraits& traits);

/// A document's title, or "document-<ordinal>", ending in ".pdf".
std::string document_file_name(const model::Block& document, size_t ordinal);

/// Whether a document is text (a kText or kContent source) and not a file.
bool is_text_document(const model::Block& document);

/// A document of text as one text: title, context, then its texts.
/// Images inside are not in it.
std::string document_text(const model::Block& document);

/// Title, source and body of a search result.
std::string search_result_text(const model::Block& result);

/// "Tool <name> is now available."
std::string tool_reference_text(std::string_view name);

/// The text of a tool's result: its texts (search results, references and documents of text among
/// them) a line each; an error says so; "(no output)" when there is nothing. Images and files are
/// not in it. Tools are named as the upstream knows them. `is_empty` tells that there was no text.
std::string tool_result_text(const model::Block& result, const Translation& translation,
                             bool* is_empty = nullptr);

}  // namespace tollgate::dialects
