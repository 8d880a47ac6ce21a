#include "dialects/gemini_generate/media.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "json/reader.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

using model::Block;
using model::BlockKind;
using model::Source;
using model::SourceKind;

constexpr std::array<std::string_view, 7> kInline = {"image/png",  "image/jpeg", "image/webp",
                                                     "image/heic", "image/heif", "application/pdf",
                                                     "text/plain"};
constexpr std::array<std::string_view, 5> kInlineInResults = {
    "image/png", "image/jpeg", "image/webp", "application/pdf", "text/plain"};

struct Extension {
  std::string_view ending;
  std::string_view media_type;
};

constexpr std::array<Extension, 8> kEndings = {{
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".webp", "image/webp"},
    {".heic", "image/heic"},
    {".heif", "image/heif"},
    {".pdf", "application/pdf"},
    {".txt", "text/plain"},
}};

void add_text(std::string text, std::vector<MediaPart>& out) {
  MediaPart part;
  part.text = std::move(text);
  if (!part.text.empty()) out.push_back(std::move(part));
}

std::string type_of_url(std::string_view url, bool image) {
  const std::string_view path = url.substr(0, url.find_first_of("?#"));
  for (const Extension& row : kEndings) {
    if (path.size() > row.ending.size() &&
        ascii::equals_ignore_case(path.substr(path.size() - row.ending.size()), row.ending)) {
      return std::string(row.media_type);
    }
  }
  return image ? "image/jpeg" : "application/pdf";
}

/// What AI Studio itself keeps, and what it is known to read elsewhere.
bool is_read_by_ai_studio(std::string_view url) {
  for (const std::string_view start :
       {"https://generativelanguage.googleapis.com/", "https://www.youtube.com/",
        "https://youtube.com/", "https://youtu.be/"}) {
    if (url.starts_with(start)) return true;
  }
  return false;
}

Status add_url(const Encoding& encoding, const Source& source, bool image,
               std::vector<MediaPart>& out) {
  if (!encoding.translation.traits.image_urls && !is_read_by_ai_studio(source.data)) {
    return invalid(std::string(image ? "Images" : "Documents") + " by URL cannot be sent to " +
                   encoding.translation.target_model + ": send the bytes as base64 instead.");
  }
  MediaPart part;
  part.file = &source;
  part.media_type = source.media_type.empty() ? type_of_url(source.data, image) : source.media_type;
  out.push_back(std::move(part));
  return Status();
}

void add_inline(const Encoding& encoding, const Source& source, bool image, bool in_result,
                std::vector<MediaPart>& out) {
  std::string type = source.media_type;
  if (type.empty()) type = image ? "image/png" : "application/pdf";
  if (type == "image/jpg") type = "image/jpeg";
  const bool taken = in_result ? std::find(kInlineInResults.begin(), kInlineInResults.end(),
                                           type) != kInlineInResults.end()
                               : std::find(kInline.begin(), kInline.end(), type) != kInline.end();
  if (!taken) {
    // One refused picture would refuse the whole conversation from here on.
    encoding.lose((image ? "image " : "document ") + type);
    add_text("[A file of type " + type + " stood here; this model cannot read that type.]", out);
    return;
  }
  MediaPart part;
  part.inline_data = &source;
  part.media_type = std::move(type);
  out.push_back(std::move(part));
}

/// The title and what the client says of a document, which stand before it.
std::string heading(const Block& block) {
  std::string out;
  if (!block.text.empty()) out = "Document: " + block.text;
  if (block.rest.find("\"context\"") == std::string::npos) return out;
  json::Document document;
  const auto rest = document.parse("{" + block.rest + "}");
  const std::string_view context = rest.ok() ? rest.value()["context"].string_or("") : "";
  if (context.empty()) return out;
  return out + (out.empty() ? "" : "\n") + std::string(context);
}

Status add_document(const Encoding& encoding, const Block& block, bool in_result,
                    std::vector<MediaPart>& out) {
  std::string title = heading(block);
  if (!block.source) return invalid("a document without a source");
  const Source& source = *block.source;
  switch (source.kind) {
    case SourceKind::kText:
      add_text(title.empty() ? source.data : title + "\n" + source.data, out);
      return Status();
    case SourceKind::kContent:
      add_text(std::move(title), out);
      for (const Block& inner : block.content) {
        if (inner.kind == BlockKind::kText) {
          add_text(inner.text, out);
        } else if (inner.kind == BlockKind::kImage) {
          if (Status status = media_parts(encoding, inner, in_result, out); !status.ok()) {
            return status;
          }
        } else {
          encoding.lose("document content");
        }
      }
      return Status();
    case SourceKind::kUrl:
      add_text(std::move(title), out);
      return add_url(encoding, source, false, out);
    case SourceKind::kBase64:
      add_text(std::move(title), out);
      add_inline(encoding, source, false, in_result, out);
      return Status();
    case SourceKind::kFile:
      break;
  }
  return invalid("Files kept by another provider cannot be sent to " +
                 encoding.translation.target_model + ": send the document itself.");
}

void add_search_result(const Block& block, std::vector<MediaPart>& out) {
  std::string text = "Search result: " + block.text;
  if (block.source) text += "\nSource: " + block.source->data;
  for (const Block& inner : block.content) {
    if (inner.kind == BlockKind::kText) text += "\n" + inner.text;
  }
  add_text(std::move(text), out);
}

}  // namespace

Status media_parts(const Encoding& encoding, const Block& block, bool in_result,
                   std::vector<MediaPart>& out) {
  if (!block.citations.empty()) encoding.lose("citations");
  if (block.kind == BlockKind::kSearchResult) {
    add_search_result(block, out);
    return Status();
  }
  if (block.kind == BlockKind::kDocument) return add_document(encoding, block, in_result, out);
  if (!block.source) return invalid("an image without a source");
  switch (block.source->kind) {
    case SourceKind::kBase64:
      add_inline(encoding, *block.source, true, in_result, out);
      return Status();
    case SourceKind::kUrl:
      return add_url(encoding, *block.source, true, out);
    default:
      return invalid("Files kept by another provider cannot be sent to " +
                     encoding.translation.target_model + ": send the image itself.");
  }
}

void write_media_part(const MediaPart& part, json::Writer& writer) {
  writer.begin_object();
  if (part.inline_data != nullptr) {
    writer.key("inlineData").begin_object().member("mimeType", part.media_type);
    writer.member("data", part.inline_data->data).end_object();
  } else if (part.file != nullptr) {
    writer.key("fileData").begin_object().member("mimeType", part.media_type);
    writer.member("fileUri", part.file->data).end_object();
  } else {
    writer.member("text", part.text);
  }
  writer.end_object();
}

}  // namespace tollgate::dialects::gemini_generate
