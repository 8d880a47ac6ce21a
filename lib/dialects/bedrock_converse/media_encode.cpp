// Images and documents.

#include <string>

#include "base/base64.hpp"
#include "dialects/bedrock_converse/content_writer.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

using model::Block;
using model::BlockKind;
using model::SourceKind;

constexpr size_t kDocumentNameBytesMax = 200;

struct Format {
  std::string_view media_type;
  std::string_view format;
};

constexpr Format kImageFormats[] = {
    {"image/png", "png"}, {"image/jpeg", "jpeg"}, {"image/jpg", "jpeg"},
    {"image/gif", "gif"}, {"image/webp", "webp"},
};

constexpr Format kDocumentFormats[] = {
    {"application/pdf", "pdf"},
    {"text/plain", "txt"},
    {"text/markdown", "md"},
    {"text/html", "html"},
    {"text/csv", "csv"},
    {"application/msword", "doc"},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"},
    {"application/vnd.ms-excel", "xls"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"},
};

template <size_t kSize>
std::string_view format_of(const Format (&formats)[kSize], std::string_view media_type) {
  media_type = media_type.substr(0, media_type.find(';'));
  for (const Format& row : formats) {
    if (row.media_type == media_type) return row.format;
  }
  return {};
}

bool is_document_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '(' || c == ')' || c == '[' || c == ']';
}

/// A title as Converse takes names: few kinds of characters, single spaces, no two the same.
std::string document_name(std::string_view title, std::set<std::string>& taken) {
  std::string base;
  for (const char c : title) {
    const bool plain = is_document_name_char(c);
    if (!plain && (base.empty() || base.back() == ' ')) continue;
    if (base.size() >= kDocumentNameBytesMax - 8) break;
    base += plain ? c : ' ';
  }
  while (base.ends_with(' '))
    base.pop_back();
  if (base.empty()) base = "document";
  std::string name = base;
  for (int copy = 2; !taken.insert(name).second; ++copy)
    name = base + " " + std::to_string(copy);
  return name;
}

const model::Source& source_of(const Block& block) {
  static const model::Source none;
  return block.source ? *block.source : none;
}

}  // namespace

Status ContentWriter::image(const Block& block) {
  if (encoding_.translation.facts.images == false) {
    encoding_.drop("image (the model sees none)");
    text("[An image stood here. This model cannot see images.]");
    return Status();
  }
  const model::Source& source = source_of(block);
  if (source.kind != SourceKind::kBase64) {
    return invalid(
        "Images for Amazon Bedrock must be sent as base64: it fetches no URLs or files.");
  }
  const std::string_view format = format_of(kImageFormats, source.media_type);
  if (format.empty()) {
    return invalid("Amazon Bedrock takes PNG, JPEG, GIF and WebP images, not \"" +
                   source.media_type + "\".");
  }
  writer_.begin_object().key("image").begin_object().member("format", format);
  writer_.key("source").begin_object().member("bytes", source.data).end_object();
  writer_.end_object().end_object();
  ++written_;
  has_more_than_reasoning_ = true;
  return Status();
}

void ContentWriter::document_source(const Block& block) {
  const model::Source& source = source_of(block);
  writer_.key("source").begin_object();
  if (source.kind == SourceKind::kBase64) {
    writer_.member("bytes", source.data);
  } else if (source.kind == SourceKind::kText) {
    writer_.member("bytes", base64_encode(source.data));
  } else if (encoding_.is_claude()) {
    // Chunks of their own, so that citations can name them.
    writer_.key("content").begin_array();
    for (const Block& part : block.content) {
      if (part.kind == BlockKind::kText && !part.text.empty()) {
        writer_.begin_object().member("text", part.text).end_object();
      }
    }
    writer_.end_array();
  } else {
    writer_.member("bytes", base64_encode(text_of(block.content)));
  }
  writer_.end_object();
}

Status ContentWriter::document(const Block& block) {
  const model::Source& source = source_of(block);
  if (source.kind == SourceKind::kUrl || source.kind == SourceKind::kFile) {
    return invalid(
        "Documents for Amazon Bedrock must be sent as base64 or text: it fetches no URLs or "
        "files.");
  }
  const std::string_view format = source.kind == SourceKind::kBase64
                                      ? format_of(kDocumentFormats, source.media_type)
                                      : std::string_view("txt");
  if (format.empty()) {
    return invalid("Amazon Bedrock takes no documents of type \"" + source.media_type + "\".");
  }
  if (format == "pdf" && encoding_.translation.facts.pdf == false) {
    encoding_.drop("document (the model reads no PDF)");
    text("[A PDF stood here. This model cannot read PDFs.]");
    return Status();
  }
  if (source.kind == SourceKind::kContent && text_of(block.content).empty()) {
    leave_out(block);
    return Status();
  }
  writer_.begin_object().key("document").begin_object().member("format", format);
  writer_.member("name", document_name(block.text, encoding_.document_names));
  document_source(block);
  if (!block.citations.empty() && encoding_.is_claude()) {
    writer_.raw_member("citations", block.citations);
  }
  writer_.end_object().end_object();
  for (const Block& part : block.content) {
    if (part.kind != BlockKind::kText) encoding_.drop("image inside a document");
  }
  if (!block.rest.empty()) encoding_.drop("document.context");
  ++written_;
  has_document_ = true;
  has_more_than_reasoning_ = true;
  return Status();
}

Status ContentWriter::media(const Block& block) {
  return block.kind == BlockKind::kImage ? image(block) : document(block);
}

}  // namespace tollgate::dialects::bedrock_converse
