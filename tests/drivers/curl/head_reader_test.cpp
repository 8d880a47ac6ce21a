#include "drivers/curl/head_reader.hpp"

#include "drivers/curl/host.hpp"
#include "support/catch.hpp"

using namespace tollgate::curl_driver;
using Step = HeadReader::Step;

namespace {

Step feed_all(HeadReader& head, std::initializer_list<std::string_view> lines) {
  Step step = Step::kMore;
  for (const std::string_view line : lines) {
    step = head.feed(line);
    if (step == Step::kInvalid) break;
  }
  return step;
}

std::string dump(HeadReader& head) {
  std::string text = std::to_string(head.status());
  const std::vector<tg_bytes>& pairs = head.pairs();
  for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
    text += ' ';
    text += view(pairs[i]);
    text += '=';
    text += view(pairs[i + 1]);
  }
  return text;
}

}  // namespace

TEST_CASE("head_reader: heads and what is read from them") {
  struct Row {
    const char* name;
    std::initializer_list<std::string_view> lines;
    const char* expected;
  };
  const Row rows[] = {
      {"plain", {"HTTP/1.1 200 OK\r\n", "A: 1\r\n", "b:2  \r\n", "\r\n"}, "200 A=1 b=2"},
      {"HTTP/2", {"HTTP/2 404 \r\n", "a: 1\r\n", "\r\n"}, "404 a=1"},
      {"no reason", {"HTTP/1.1 529\r\n", "\r\n"}, "529"},
      {"bare line feeds", {"HTTP/1.1 200 OK\n", "a: 1\n", "\n"}, "200 a=1"},
      {"folded", {"HTTP/1.1 200 OK\r\n", "a: 1\r\n", " 2\r\n", "\t3\r\n", "\r\n"}, "200 a=1 2 3"},
      {"fold of an empty value", {"HTTP/1.1 200 OK\r\n", "a:\r\n", " 2\r\n", "\r\n"}, "200 a=2"},
      {"empty value", {"HTTP/1.1 200 OK\r\n", "a:\r\n", "\r\n"}, "200 a="},
      {"no colon", {"HTTP/1.1 200 OK\r\n", "nonsense\r\n", "\r\n"}, "200"},
      {"interim heads",
       {"HTTP/1.1 103 Early\r\n", "x: 1\r\n", "\r\n", "HTTP/1.1 200 OK\r\n", "a: 1\r\n", "\r\n"},
       "200 a=1"},
      {"trailers", {"HTTP/1.1 200 OK\r\n", "\r\n", "late: 1\r\n", "\r\n"}, "200"},
      {"no status line", {"a: 1\r\n"}, ""},
      {"status of letters", {"HTTP/1.1 2x0 OK\r\n"}, ""},
      {"status too small", {"HTTP/1.1 099 OK\r\n"}, ""},
      {"status too large", {"HTTP/1.1 600 OK\r\n"}, ""},
      {"switching protocols", {"HTTP/1.1 101 Switching\r\n"}, ""},
      {"fold without a header", {"HTTP/1.1 200 OK\r\n", " 2\r\n"}, ""},
      {"nothing", {"\r\n"}, ""},
  };
  for (const Row& row : rows) {
    HeadReader head;
    CAPTURE(row.name);
    const Step step = feed_all(head, row.lines);
    CHECK(head.complete() == (*row.expected != '\0'));
    CHECK((step == Step::kInvalid) == (*row.expected == '\0'));
    if (head.complete()) CHECK(dump(head) == row.expected);
  }
}

TEST_CASE("head_reader: bounds") {
  HeadReader head;
  REQUIRE(head.feed("HTTP/1.1 200 OK\r\n") == Step::kMore);
  for (uint32_t i = 0; i < kHeadPairsMax; ++i)
    REQUIRE(head.feed("a: 1\r\n") == Step::kMore);
  CHECK(head.feed("a: 1\r\n") == Step::kInvalid);
  head.clear();
  REQUIRE(head.feed("HTTP/1.1 200 OK\r\n") == Step::kMore);
  CHECK(head.feed("a: " + std::string(kHeadBytesMax, 'x') + "\r\n") == Step::kInvalid);
}
