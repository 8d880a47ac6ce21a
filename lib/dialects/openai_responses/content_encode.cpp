#include "dialects/openai_responses/content_encode.hpp"

#include <utility>

#include "dialects/openai_parts.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using model::Block;
using model::BlockKind;
using model::SourceKind;

constexpr std::string_view kImageOmitted = "[image omitted: the model cannot see images]";

Piece own(std::string text) {
  Piece piece;
  piece.own_text = std::move(text);
  return piece;
}

Piece lent(std::string_view text) {
  Piece piece;
  piece.text = text;
  return piece;
}

Piece medium(const Block& block) {
  Piece piece;
  piece.medium = &block;
  return piece;
}

/// The client shows errors of tools in words of its own; other texts get one.
bool tells_an_error(std::string_view text) {
  for (const std::string_view beginning : {"Error", "<tool_use_error>", "{\"error\""}) {
    if (text.starts_with(beginning)) return true;
  }
  return false;
}

}  // namespace

void PieceReader::lose(std::string what) {
  translation_.losses.add(model::LossKind::kDropped, std::move(what));
}

Status PieceReader::add(const Block& block, std::vector<Piece>& pieces) {
  if (block.cache) lose("cache_control");
  switch (block.kind) {
    case BlockKind::kText:
      if (!block.citations.empty()) lose("citations");
      if (!block.text.empty()) pieces.push_back(lent(block.text));
      return Status();
    case BlockKind::kImage:
      return add_image(block, pieces);
    case BlockKind::kDocument:
      return add_document(block, pieces);
    case BlockKind::kSearchResult:
      pieces.push_back(own(search_result_text(block)));
      return Status();
    case BlockKind::kToolReference:
      pieces.push_back(own(tool_reference_text(translation_.upstream_tool_name(block.name))));
      return Status();
    case BlockKind::kOther:
      if (block.type == "container_upload") {
        return invalid("Content of type 'container_upload' is not available on this model.");
      }
      lose("content of type " + block.type);
      return Status();
    default:
      lose("content out of its place");
      return Status();
  }
}

Status PieceReader::add_image(const Block& image, std::vector<Piece>& pieces) {
  if (translation_.facts.images == false) {
    lose("image (the model sees none)");
    pieces.push_back(lent(kImageOmitted));
    return Status();
  }
  if (!image.source ||
      (image.source->kind != SourceKind::kBase64 && image.source->kind != SourceKind::kUrl)) {
    return invalid("An image by file id is not available on this model: send the image itself.");
  }
  if (image.source->kind == SourceKind::kUrl && !translation_.traits.image_urls) {
    return invalid("An image by URL is not available on this model: send the image itself.");
  }
  if (std::string text = unreadable_image_text(*image.source, translation_.traits); !text.empty()) {
    lose("image (" + image.source->media_type + ")");
    pieces.push_back(own(std::move(text)));
    return Status();
  }
  pieces.push_back(medium(image));
  return Status();
}

Status PieceReader::add_document(const Block& document, std::vector<Piece>& pieces) {
  if (!document.citations.empty()) lose("document.citations");
  const SourceKind kind = document.source ? document.source->kind : SourceKind::kFile;
  if (kind == SourceKind::kText || kind == SourceKind::kContent) {
    pieces.push_back(own(document_text(document)));
    for (const Block& inner : document.content) {
      if (inner.kind != BlockKind::kImage) continue;
      if (Status status = add_image(inner, pieces); !status.ok()) return status;
    }
    return Status();
  }
  if (kind == SourceKind::kFile) {
    return invalid(
        "A document by file id is not available on this model: send the document itself.");
  }
  if (translation_.facts.pdf == false) {
    return invalid("A document of type PDF is not available on this model.");
  }
  pieces.push_back(medium(document));
  return Status();
}

Status PieceReader::add_result(const Block& result, std::vector<Piece>& pieces) {
  if (result.cache) lose("cache_control");
  const size_t first = pieces.size();
  for (const Block& block : result.content) {
    if (Status status = add(block, pieces); !status.ok()) return status;
  }
  if (!result.is_error) return Status();
  if (pieces.size() == first || pieces[first].medium != nullptr) {
    pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(first), lent("Error"));
  } else if (!tells_an_error(pieces[first].shown())) {
    pieces[first].own_text = "Error: " + std::string(pieces[first].shown());
  }
  return Status();
}

void write_piece(const Piece& piece, size_t ordinal, json::Writer& writer) {
  writer.begin_object();
  if (piece.medium == nullptr) {
    writer.member("type", "input_text").member("text", piece.shown());
  } else if (piece.medium->kind == BlockKind::kImage) {
    writer.member("type", "input_image");
    write_source_url(writer.key("image_url"), *piece.medium->source);
    writer.member("detail", "auto");
  } else {
    writer.member("type", "input_file");
    if (piece.medium->source->kind == SourceKind::kUrl) {
      writer.member("file_url", piece.medium->source->data);
    } else {
      writer.member("filename", document_file_name(*piece.medium, ordinal));
      write_data_url(writer.key("file_data"), *piece.medium->source);
    }
  }
  writer.end_object();
}

void write_pieces(const std::vector<Piece>& pieces, json::Writer& writer) {
  writer.begin_array();
  size_t ordinal = 0;
  for (const Piece& piece : pieces)
    write_piece(piece, ++ordinal, writer);
  writer.end_array();
}

}  // namespace tollgate::dialects::openai_responses
