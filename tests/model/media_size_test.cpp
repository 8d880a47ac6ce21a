#include "model/media_size.hpp"

#include <string>

#include "base/base64.hpp"
#include "support/catch.hpp"

namespace tollgate::model {
namespace {

using namespace std::string_literals;

const std::string kRest(32, '\0');

struct Row {
  const char* name;
  std::string bytes;
  uint32_t width;
  uint32_t height;
};

const Row kImages[] = {
    {"PNG", "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\x03\x20\0\0\x02\x58"s + kRest, 800, 600},
    {"GIF", "GIF89a\x20\x03\x58\x02"s + kRest, 800, 600},
    {"JPEG with a segment before the frame",
     "\xFF\xD8\xFF\xE0\0\x04zz\xFF\xC2\0\x11\x08\x02\x58\x03\x20"s + kRest, 800, 600},
    {"JPEG with fill bytes", "\xFF\xD8\xFF\xFF\xFF\xC0\0\x11\x08\x02\x58\x03\x20"s + kRest, 800,
     600},
    {"WebP, extended", "RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0\0\0\0\0\x1F\x03\0\x57\x02\0"s + kRest, 800,
     600},
    {"WebP, lossy", "RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9D\x01\x2A\x20\x03\x58\x02"s + kRest, 800,
     600},
    {"WebP, lossless", "RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2F\x1F\xC3\x95\0"s + kRest, 800, 600},
    {"nothing", "", 0, 0},
    {"text", "this is no image, however long it may be"s, 0, 0},
    {"JPEG whose segments lead astray", "\xFF\xD8\xFF\xE0\xFF\xFFzz"s + kRest, 0, 0},
    {"JPEG without a frame", "\xFF\xD8\xFF\xE0\0\0"s + std::string(60, '\xFF'), 0, 0},
    {"PNG of no width", "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\0\0\0\x02\x58"s + kRest, 0, 0},
};

TEST_CASE("an image's size is read off its header") {
  for (const Row& row : kImages) {
    CAPTURE(row.name);
    const std::optional<PixelSize> size = pixel_size(base64_encode(row.bytes));
    CHECK(size.has_value() == (row.width > 0));
    if (!size) continue;
    CHECK(size->width == row.width);
    CHECK(size->height == row.height);
  }
}

TEST_CASE("a header cut anywhere is read or not, and never read beyond") {
  for (const Row& row : kImages) {
    for (size_t size = 0; size <= row.bytes.size(); ++size)
      pixel_size(base64_encode(row.bytes.substr(0, size)));
  }
  CHECK_FALSE(pixel_size("not base64!"));
}

TEST_CASE("only the beginning of a large image is looked at") {
  const std::string png = kImages[0].bytes + std::string(1'000'000, 'x');
  CHECK(pixel_size(base64_encode(png))->width == 800);
}

TEST_CASE("pages of a PDF are counted or guessed") {
  const std::string two =
      "%PDF-1.4 <</Type /Pages /Count 2>> <</Type/Page /Parent>> <</Type\n/Page>>";
  CHECK(pdf_pages(base64_encode(two)) == 2);
  CHECK(pdf_pages("") == 1);
  CHECK(pdf_pages("no base64") == 1);
  CHECK(pdf_pages(base64_encode(std::string(150'000, 'x'))) == 11);
  std::string many;
  for (int i = 0; i < 1'200; ++i)
    many += "/Type /Page ";
  CHECK(pdf_pages(base64_encode(many)) == 1'000);
}

}  // namespace
}  // namespace tollgate::model
