#include "http_head.hpp"

#include <string>

#include "bytes.hpp"
#include "support/catch.hpp"

using tollgate::server::HeadScanner;
using tollgate::server::parse_head;
using tollgate::server::RequestHead;
using tollgate::server::to_view;

namespace {

std::string head_with(std::string_view fields) {
  return "POST /v1/messages HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

struct RefusedRow {
  const char* name;
  std::string head;
  uint32_t status;
};

const RefusedRow kRefused[] = {
    {"length and encoding", head_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"encoding and length", head_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
    {"two lengths that differ", head_with("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
    {"two equal lengths", head_with("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
    {"a list of lengths", head_with("Content-Length: 5, 5\r\n"), 400},
    {"a plus sign", head_with("Content-Length: +5\r\n"), 400},
    {"a minus sign", head_with("Content-Length: -5\r\n"), 400},
    {"a hexadecimal length", head_with("Content-Length: 0x5\r\n"), 400},
    {"an empty length", head_with("Content-Length:\r\n"), 400},
    {"a length that overflows", head_with("Content-Length: 99999999999999999999\r\n"), 400},
    {"a space before the colon", head_with("Content-Length : 5\r\n"), 400},
    {"a tab before the colon", head_with("Host\t: b\r\n"), 400},
    {"an empty name", head_with(": 5\r\n"), 400},
    {"no colon", head_with("nonsense\r\n"), 400},
    {"a folded line", head_with("X-A: b\r\n c\r\n"), 400},
    {"a first line that is folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
    {"NUL in a value", head_with(std::string_view("X-A: b\0c\r\n", 10)), 400},
    {"NUL in a name", head_with(std::string_view("X\0A: b\r\n", 8)), 400},
    {"a lone CR in a value", head_with("X-A: b\rc\r\n"), 400},
    {"a lone CR in the target", "GET /\rx HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"DEL in a value", head_with("X-A: b\x7f\r\n"), 400},
    {"an unknown encoding", head_with("Transfer-Encoding: gzip\r\n"), 501},
    {"chunked behind another", head_with("Transfer-Encoding: gzip, chunked\r\n"), 501},
    {"chunked twice", head_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
     400},
    {"a disguised chunked", head_with("Transfer-Encoding: xchunked\r\n"), 501},
    {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"two hosts", head_with("Host: b\r\n"), 400},
    {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"another expectation", head_with("Expect: miracles\r\n"), 417},
    {"no version", "GET /\r\nHost: a\r\n\r\n", 400},
    {"HTTP/2.0 by text", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
    {"a lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
    {"a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a strange method", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"an empty method", " / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
};

HeadScanner::Found scan_all(std::string_view text, size_t& size) {
  HeadScanner scanner;
  return scanner.scan(text, size);
}

}  // namespace

TEST_CASE("heads that two readers could read differently are refused") {
  for (const RefusedRow& row : kRefused) {
    INFO(row.name);
    RequestHead head;
    const auto refusal = parse_head(row.head, head);
    REQUIRE(refusal.has_value());
    CHECK(refusal->status == row.status);
  }
}

TEST_CASE("more than 200 fields are refused") {
  std::string fields;
  for (int i = 0; i < 199; ++i)
    fields += "x-" + std::to_string(i) + ": 1\r\n";
  RequestHead head;
  CHECK_FALSE(parse_head(head_with(fields), head));
  CHECK(head.pair_count() == 200);
  const auto refusal = parse_head(head_with(fields + "x-more: 1\r\n"), head);
  REQUIRE(refusal);
  CHECK(refusal->status == 431);
}

TEST_CASE("a usual head is taken apart") {
  const std::string text =
      "\r\nPOST /v1/messages?beta=true HTTP/1.1\r\nHost: a\r\nX-A:  b c \t\r\nX-Empty:\r\n"
      "content-length: 007\r\nExpect: 100-Continue\r\nX-\xc3\xa9: no\r\n\r\n";
  RequestHead head;
  REQUIRE(parse_head(text, head));  // A name with a letter outside ASCII.

  const std::string good = text.substr(0, text.find("X-\xc3")) + "\r\n";
  REQUIRE_FALSE(parse_head(good, head));
  CHECK(head.method == "POST");
  CHECK(head.target == "/v1/messages?beta=true");
  CHECK(head.version_1_1);
  CHECK(head.keep_alive);
  CHECK(head.expects_continue);
  CHECK_FALSE(head.chunked);
  CHECK(head.content_length == 7);
  REQUIRE(head.pair_count() == 5);
  CHECK(to_view(head.headers[2]) == "X-A");
  CHECK(to_view(head.headers[3]) == "b c");
  CHECK(to_view(head.headers[5]).empty());

  // The next head begins from nothing.
  REQUIRE_FALSE(parse_head("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", head));
  CHECK(head.content_length == 0);
  CHECK_FALSE(head.expects_continue);
  CHECK_FALSE(head.keep_alive);
}

TEST_CASE("connections are kept as the version and the field say") {
  struct Row {
    const char* name;
    const char* head;
    bool kept;
  };
  const Row rows[] = {
      {"1.1", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
      {"1.1 close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
      {"1.0", "GET / HTTP/1.0\r\n\r\n", false},
      {"1.0 keep-alive", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
      {"1.0 both", "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    RequestHead head;
    REQUIRE_FALSE(parse_head(row.head, head));
    CHECK(head.keep_alive == row.kept);
  }
}

TEST_CASE("the end of a head is found at any split") {
  const std::string text = "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\nrest\nmore";
  const size_t expected = text.find("rest");
  for (size_t split = 0; split <= text.size(); ++split) {
    HeadScanner scanner;
    size_t size = 0;
    auto found = scanner.scan(std::string_view(text).substr(0, split), size);
    if (found == HeadScanner::Found::kIncomplete) found = scanner.scan(text, size);
    CHECK(found == HeadScanner::Found::kComplete);
    CHECK(size == expected);
  }
}

TEST_CASE("a bare line feed is noticed at once") {
  size_t size = 0;
  CHECK(scan_all("GET / HTTP/1.1\n", size) == HeadScanner::Found::kBadLineBreak);
  CHECK(scan_all("\n", size) == HeadScanner::Found::kBadLineBreak);
  CHECK(scan_all("GET / HTTP/1.1\r\nA: b\n\r\n", size) == HeadScanner::Found::kBadLineBreak);
  CHECK(scan_all("GET / HTTP/1.1\r\nA: b\r\n\n", size) == HeadScanner::Found::kBadLineBreak);
  CHECK(scan_all("GET / HTTP/1.1\r", size) == HeadScanner::Found::kIncomplete);
}
