#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "dialects/gemini_generate/parts.hpp"
#include "json/writer.hpp"
#include "model/content.hpp"

namespace tollgate::dialects::gemini_generate {

/// What stands for a block of media: texts and parts, in order.
struct MediaPart {
  std::string text;                            ///< Set for text.
  const model::Source* inline_data = nullptr;  ///< Base64.
  const model::Source* file = nullptr;         ///< A URL.
  std::string media_type;                      ///< Of the two.
};

/// Takes images, documents and search results apart. Fails when the upstream could not fetch them.
/// `in_result` is for the inside of a function's response, which takes fewer types.
Status media_parts(const Encoding& encoding, const model::Block& block, bool in_result,
                   std::vector<MediaPart>& out);

/// Writes one part: text, inlineData or fileData.
void write_media_part(const MediaPart& part, json::Writer& writer);

}  // namespace tollgate::dialects::gemini_generate
