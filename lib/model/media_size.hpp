#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tollgate::model {

struct PixelSize {
  uint32_t width = 0;
  uint32_t height = 0;
};

/// The size that the header of a PNG, JPEG, GIF or WebP tells; nothing when it is none of them or
/// the header is not within the first 64 KB.
std::optional<PixelSize> pixel_size(std::string_view base64);

/// The pages of a PDF that can be seen without unpacking it, else a guess from its size; at least
/// one.
uint32_t pdf_pages(std::string_view base64);

}  // namespace tollgate::model
