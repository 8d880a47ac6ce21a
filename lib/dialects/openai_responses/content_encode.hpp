#pragma once

// Content of the hub as this dialect's content parts.

#include <cstddef>
#include <string>
#include <vector>

#include "base/status.hpp"
#include "dialects/dialect.hpp"
#include "json/writer.hpp"
#include "model/content.hpp"

namespace tollgate::dialects::openai_responses {

/// A block, or a piece of one, that becomes one content part.
struct Piece {
  std::string_view text;                 ///< Of the request, where nothing was added to it.
  std::string own_text;                  ///< Else the text.
  const model::Block* medium = nullptr;  ///< An image or a file; then there is no text.

  std::string_view shown() const { return own_text.empty() ? text : std::string_view(own_text); }
};

/// Takes user content and tool results apart.
class PieceReader {
 public:
  explicit PieceReader(Translation& translation) : translation_(translation) {}

  /// Adds the pieces of a block. A status says, for the client, what cannot be sent at all.
  Status add(const model::Block& block, std::vector<Piece>& pieces);
  /// Adds those of a tool's result; an error says that it is one.
  Status add_result(const model::Block& result, std::vector<Piece>& pieces);

 private:
  Status add_image(const model::Block& image, std::vector<Piece>& pieces);
  Status add_document(const model::Block& document, std::vector<Piece>& pieces);
  void lose(std::string what);

  Translation& translation_;
};

/// The part's JSON object. `ordinal` names files without a title.
void write_piece(const Piece& piece, size_t ordinal, json::Writer& writer);
/// The array of all of them.
void write_pieces(const std::vector<Piece>& pieces, json::Writer& writer);

}  // namespace tollgate::dialects::openai_responses
