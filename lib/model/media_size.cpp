#include "model/media_size.hpp"

#include <algorithm>
#include <string>

#include "base/base64.hpp"

namespace tollgate::model {
namespace {

// Divisible by 4, so that a prefix of base64 is base64.
constexpr size_t kHeaderText = 87'384;
// A page that hides in packed streams: what scanned and written pages weigh, on the small side.
constexpr size_t kPageBytes = 20'000;
constexpr uint32_t kPagesMax = 1'000;

uint32_t byte(std::string_view bytes, size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}

uint32_t big16(std::string_view bytes, size_t at) {
  return byte(bytes, at) << 8 | byte(bytes, at + 1);
}

uint32_t little16(std::string_view bytes, size_t at) {
  return byte(bytes, at + 1) << 8 | byte(bytes, at);
}

uint32_t big32(std::string_view bytes, size_t at) {
  return big16(bytes, at) << 16 | big16(bytes, at + 2);
}

uint32_t little24(std::string_view bytes, size_t at) {
  return byte(bytes, at + 2) << 16 | little16(bytes, at);
}

bool is_frame(uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/// Walks the segments up to the frame header.
std::optional<PixelSize> jpeg_size(std::string_view bytes) {
  for (size_t at = 2; at + 9 <= bytes.size();) {
    if (byte(bytes, at) != 0xFF) return std::nullopt;
    const uint32_t marker = byte(bytes, at + 1);
    if (marker == 0xFF) {
      ++at;
    } else if (is_frame(marker)) {
      return PixelSize{big16(bytes, at + 7), big16(bytes, at + 5)};
    } else {
      at += 2 + std::max(2U, big16(bytes, at + 2));
    }
  }
  return std::nullopt;
}

std::optional<PixelSize> webp_size(std::string_view bytes) {
  const std::string_view chunk = bytes.substr(12, 4);
  if (chunk == "VP8X") return PixelSize{little24(bytes, 24) + 1, little24(bytes, 27) + 1};
  if (chunk == "VP8 ") {
    return PixelSize{little16(bytes, 26) & 0x3FFFU, little16(bytes, 28) & 0x3FFFU};
  }
  if (chunk == "VP8L") {
    const uint32_t low = little16(bytes, 21);
    const uint32_t high = little16(bytes, 23);
    return PixelSize{(low & 0x3FFFU) + 1, ((high << 2 & 0x3FFCU) | low >> 14) + 1};
  }
  return std::nullopt;
}

std::optional<PixelSize> size_of(std::string_view bytes) {
  constexpr std::string_view kPng = "\x89PNG\r\n\x1A\n";
  if (bytes.size() < 30) return std::nullopt;
  if (bytes.starts_with(kPng)) return PixelSize{big32(bytes, 16), big32(bytes, 20)};
  if (bytes.starts_with("GIF8")) return PixelSize{little16(bytes, 6), little16(bytes, 8)};
  if (bytes.starts_with("\xFF\xD8")) return jpeg_size(bytes);
  if (bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP") return webp_size(bytes);
  return std::nullopt;
}

/// "/Type /Page", with or without the space, and not "/Pages".
uint32_t visible_pages(std::string_view bytes) {
  constexpr std::string_view kType = "/Type";
  uint32_t pages = 0;
  for (size_t at = bytes.find(kType); at != std::string_view::npos; at = bytes.find(kType, at)) {
    at += kType.size();
    while (at < bytes.size() && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r'))
      ++at;
    if (bytes.substr(at, 5) == "/Page" && byte(bytes, at + 5) != 's') ++pages;
  }
  return pages;
}

}  // namespace

std::optional<PixelSize> pixel_size(std::string_view base64) {
  const std::optional<std::string> bytes = base64_decode(base64.substr(0, kHeaderText));
  if (!bytes) return std::nullopt;
  const std::optional<PixelSize> size = size_of(*bytes);
  return size && size->width > 0 && size->height > 0 ? size : std::nullopt;
}

uint32_t pdf_pages(std::string_view base64) {
  const std::optional<std::string> bytes = base64_decode(base64);
  const uint32_t visible = bytes ? visible_pages(*bytes) : 0;
  if (visible > 0) return std::min(visible, kPagesMax);
  return static_cast<uint32_t>(std::min<size_t>(base64.size() / kPageBytes + 1, kPagesMax));
}

}  // namespace tollgate::model
