#include "chunked_body.hpp"

#include <string>

#include "limits.hpp"
#include "support/catch.hpp"

using tollgate::server::ChunkedBody;

namespace {

struct Decoded {
  std::string content;
  std::string rest;
  ChunkedBody::Step last = ChunkedBody::Step::kNeedMore;
};

/// Feeds the text in two pieces, cut at `split`.
Decoded decode(std::string_view text, size_t split) {
  ChunkedBody body;
  Decoded decoded;
  for (std::string_view piece : {text.substr(0, split), text.substr(split)}) {
    std::string_view content;
    while (true) {
      if (decoded.last == ChunkedBody::Step::kEnd) break;
      decoded.last = body.next(piece, content);
      if (decoded.last != ChunkedBody::Step::kContent) break;
      decoded.content += content;
    }
    if (decoded.last == ChunkedBody::Step::kInvalid) return decoded;
    decoded.rest += piece;
  }
  return decoded;
}

}  // namespace

TEST_CASE("chunks are joined at any split") {
  const std::string text =
      "4\r\nWiki\r\n06;name=\"value\"\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\nTrailer: x\r\n"
      "Another: y\r\n\r\nGET / HTTP/1.1\r\n";
  for (size_t split = 0; split <= text.size(); ++split) {
    INFO(split);
    const Decoded decoded = decode(text, split);
    CHECK(decoded.last == ChunkedBody::Step::kEnd);
    CHECK(decoded.content == "Wikipedia in \r\n\r\nchunks.");
    CHECK(decoded.rest == "GET / HTTP/1.1\r\n");
  }
}

TEST_CASE("an empty body is a body") {
  const Decoded decoded = decode("0\r\n\r\n", 2);
  CHECK(decoded.last == ChunkedBody::Step::kEnd);
  CHECK(decoded.content.empty());
}

TEST_CASE("what is not the chunked encoding is refused at any split") {
  struct Row {
    const char* name;
    std::string text;
  };
  const Row rows[] = {
      {"no size", "\r\nabc"},
      {"a sign", "+4\r\nWiki\r\n"},
      {"0x", "0x4\r\nWiki\r\n"},
      {"a blank before the line's end", "4 \r\nWiki\r\n"},
      {"a bare line feed after the size", "4\nWiki\r\n"},
      {"a bare line feed after the data", "4\r\nWiki\n0\r\n\r\n"},
      {"data longer than its size", "3\r\nWiki\r\n"},
      {"a size of nine digits", "000000004\r\nWiki\r\n"},
      {"a control character in an extension", std::string("4;a\0b\r\n", 7)},
      {"a bare CR in an extension", "4;a\rb\r\n"},
      {"a folded trailer", "0\r\n a: b\r\n\r\n"},
      {"a bare line feed at the end", "0\r\n\n"},
      {"an endless size line",
       "4;" + std::string(tollgate::server::limits::kChunkLineBytesMax, 'a')},
      {"endless trailers",
       "0\r\na: " + std::string(tollgate::server::limits::kTrailerBytesMax + 1, 'a')},
  };
  for (const Row& row : rows) {
    for (size_t split = 0; split <= row.text.size(); ++split) {
      INFO(row.name << " at " << split);
      CHECK(decode(row.text, split).last == ChunkedBody::Step::kInvalid);
    }
  }
}
