#include "dialects/openai_parts.hpp"

#include <vector>

#include "json/reader.hpp"

namespace tollgate::dialects {
namespace {

using model::Block;
using model::BlockKind;
using model::SourceKind;

void add_line(std::string& text, std::string_view line) {
  if (line.empty()) return;
  if (!text.empty()) text += '\n';
  text += line;
}

/// A string among raw members without braces.
std::string string_member(const std::string& members, std::string_view name) {
  if (members.empty()) return {};
  json::Document document;
  const auto parsed = document.parse("{" + members + "}");
  return parsed.ok() ? std::string(parsed.value()[name].string_or("")) : std::string();
}

}  // namespace

void write_data_url(json::Writer& writer, const model::Source& source) {
  std::string url;
  url.reserve(source.data.size() + source.media_type.size() + 16);
  url.append("data:").append(source.media_type).append(";base64,").append(source.data);
  writer.string(url);
}

void write_source_url(json::Writer& writer, const model::Source& source) {
  if (source.kind == SourceKind::kBase64) {
    write_data_url(writer, source);
  } else {
    writer.string(source.data);
  }
}

std::string unreadable_image_text(const model::Source& source,
                                  const model::UpstreamTraits& traits) {
  if (traits.webp_and_gif || source.kind != SourceKind::kBase64) return {};
  for (const std::string_view known : {"image/png", "image/jpeg", "image/jpg", ""}) {
    if (source.media_type == known) return {};
  }
  return "[image omitted: the model cannot read images of type " + source.media_type + "]";
}

std::string document_file_name(const Block& document, size_t ordinal) {
  constexpr std::string_view kEnding = ".pdf";
  std::string name = document.text.empty() ? "document-" + std::to_string(ordinal) : document.text;
  if (!name.ends_with(kEnding)) name += kEnding;
  return name;
}

bool is_text_document(const Block& document) {
  return document.source && (document.source->kind == SourceKind::kText ||
                             document.source->kind == SourceKind::kContent);
}

std::string document_text(const Block& document) {
  std::string text;
  if (!document.text.empty()) add_line(text, "Document: " + document.text);
  const std::string context = string_member(document.rest, "context");
  if (!context.empty()) add_line(text, "Context: " + context);
  if (document.source && document.source->kind == SourceKind::kText) {
    add_line(text, document.source->data);
  }
  for (const Block& part : document.content) {
    if (part.kind == BlockKind::kText) add_line(text, part.text);
  }
  return text;
}

std::string search_result_text(const Block& result) {
  std::string text;
  if (!result.text.empty()) add_line(text, "Search result: " + result.text);
  if (result.source && !result.source->data.empty()) {
    add_line(text, "Source: " + result.source->data);
  }
  for (const Block& part : result.content) {
    if (part.kind == BlockKind::kText) add_line(text, part.text);
  }
  return text;
}

std::string tool_reference_text(std::string_view name) {
  return "Tool " + std::string(name) + " is now available.";
}

std::string tool_result_text(const Block& result, const Translation& translation, bool* is_empty) {
  std::string text;
  for (const Block& part : result.content) {
    switch (part.kind) {
      case BlockKind::kText:
        add_line(text, part.text);
        break;
      case BlockKind::kSearchResult:
        add_line(text, search_result_text(part));
        break;
      case BlockKind::kToolReference:
        add_line(text, tool_reference_text(translation.upstream_tool_name(part.name)));
        break;
      case BlockKind::kDocument:
        if (is_text_document(part)) add_line(text, document_text(part));
        break;
      default:
        break;
    }
  }
  const bool empty = text.find_first_not_of(" \t\r\n") == std::string::npos;
  if (is_empty != nullptr) *is_empty = empty;
  if (empty) text = "(no output)";
  const bool says_so = text.starts_with("Error") || text.starts_with("<tool_use_error>") ||
                       text.starts_with("{\"error\"");
  return result.is_error && !says_so ? "Error: " + text : text;
}

}  // namespace tollgate::dialects
