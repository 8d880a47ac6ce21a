#include "dialects/carriage.hpp"

#include "base/base64.hpp"
#include "base/limits.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects {
namespace {

Carriage example() {
  return {"openai-main/gpt-5", "0a1b2c3d", "r", R"("id":"rs_1","e":"gAAA+/=","n":2)"};
}

TEST_CASE("a carriage opens as it was sealed") {
  struct Row {
    const char* name;
    Carriage carriage;
  };
  const Row rows[] = {
      {"reasoning", example()},
      {"nothing in it", {"", "", "p", ""}},
      {"names that need escapes", {"a\"b/\\c\n", "tag", "d", R"("d":[{"type":"x"},{}])"}},
      {"text beyond ASCII", {"kontö/模型", "ffffffff", "t", R"("s":"Grüße 😀")"}},
      {"members named as ours", {"u", "k", "f", R"("u":1,"k":2,"t":3,"p":4,"h":5)"}},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const std::string sealed = seal_carriage(row.carriage);
    CHECK(is_carriage(sealed));
    CHECK(sealed == seal_carriage(row.carriage));
    CHECK(sealed.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                   "-_.") == std::string::npos);
    const auto opened = open_carriage(sealed);
    REQUIRE(opened);
    CHECK(*opened == row.carriage);
  }
}

TEST_CASE("what is not a carriage does not open") {
  const std::string rows[] = {
      "",
      "tg1",
      "tg1.",
      "EqQBCkYIBRgCKkA0",
      "tg1.!!!",
      "tg1." + base64url_encode("[]"),
      "tg1." + base64url_encode("{}"),
      "tg1." + base64url_encode(R"({"u":"a","k":"b","t":"r","p":{}})"),
      "tg1." + base64url_encode(R"({"u":"a","k":"b","t":"r","p":{},"h":"0000000000000000"})"),
      " " + seal_carriage(example()),
  };
  for (const std::string& row : rows) {
    INFO(row);
    CHECK_FALSE(open_carriage(row));
  }
  CHECK_FALSE(is_carriage("EqQBCkYIBRgCKkA0"));
  CHECK_FALSE(is_carriage("tg2.e30"));
}

TEST_CASE("a damaged carriage does not open") {
  const std::string sealed = seal_carriage(example());
  for (size_t size = 0; size < sealed.size(); ++size)
    CHECK_FALSE(open_carriage(sealed.substr(0, size)));
  for (size_t at = 0; at < sealed.size(); ++at) {
    std::string damaged = sealed;
    damaged[at] = damaged[at] == 'A' ? 'B' : 'A';
    INFO(at);
    CHECK_FALSE(open_carriage(damaged));
  }
}

TEST_CASE("a carriage beyond the bound is neither sealed nor opened") {
  Carriage large = example();
  large.payload = "\"e\":\"" + std::string(limits::kCarriageBytesMax, 'x') + "\"";
  CHECK(seal_carriage(large).empty());
  CHECK_FALSE(open_carriage("tg1." + std::string(limits::kCarriageBytesMax, 'e')));
  large.payload = "\"e\":\"" + std::string(limits::kCarriageBytesMax / 2, 'x') + "\"";
  CHECK(open_carriage(seal_carriage(large)) == large);
}

}  // namespace
}  // namespace tollgate::dialects
