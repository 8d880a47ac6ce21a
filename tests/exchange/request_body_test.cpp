#include "exchange/request_body.hpp"

#include <string>

#include "base/bytes.hpp"
#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

std::string joined(const RequestBody& body) {
  std::string text;
  for (const tg_bytes& span : body.spans())
    text += view_of(span);
  CHECK(text.size() == body.size());
  return text;
}

struct SpliceCase {
  const char* name;
  std::vector<Edit> edits;
  size_t spans;
  const char* expected;
};

// Places:                          0123456789012345678
constexpr std::string_view kBody = R"({"model":"x","n":1})";

const SpliceCase kCases[] = {
    {"no edit", {}, 1, R"({"model":"x","n":1})"},
    {"an edit that changes nothing", {{{9, 3}, R"("x")"}}, 1, R"({"model":"x","n":1})"},
    {"one", {{{9, 3}, R"("longer")"}}, 3, R"({"model":"longer","n":1})"},
    {"two", {{{9, 3}, R"("y")"}, {{17, 1}, "20"}}, 5, R"({"model":"y","n":20})"},
    {"a removal", {{{12, 6}, ""}}, 2, R"({"model":"x"})"},
    {"an insertion at the end", {{{18, 0}, R"(,"b":2)"}}, 3, R"({"model":"x","n":1,"b":2})"},
};

TEST_CASE("edits change their places and no other byte") {
  for (const SpliceCase& row : kCases) {
    CAPTURE(row.name);
    RequestBody body;
    body.splice(kBody, row.edits);
    CHECK(joined(body) == row.expected);
    CHECK(body.spans().size() == row.spans);
    CHECK(body.spans().front().data == bytes_of(kBody).data);
  }
}

TEST_CASE("a translation's bytes are kept until they are dropped") {
  RequestBody body;
  body.own("short");
  CHECK(joined(body) == "short");
  body.drop();
  CHECK(body.spans().empty());
  CHECK(body.size() == 0);
}

}  // namespace
}  // namespace tollgate::exchange
