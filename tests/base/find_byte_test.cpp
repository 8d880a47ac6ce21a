#include "base/find_byte.hpp"

#include <string>

#include "support/catch.hpp"

namespace tollgate {
namespace {

TEST_CASE("either byte is found at every place of every length", "[base]") {
  for (size_t size = 0; size < 70; ++size) {
    std::string text(size, '.');
    CHECK(find_either(text, 0, '\r', '\n') == size);
    CHECK(find_either(text, size, '\r', '\n') == size);
    for (size_t at = 0; at < size; ++at) {
      for (const char wanted : {'\r', '\n'}) {
        text[at] = wanted;
        text[size - 1] = wanted;
        for (size_t from = 0; from <= at; ++from)
          REQUIRE(find_either(text, from, '\r', '\n') == at);
        text[at] = '.';
        text[size - 1] = '.';
      }
    }
  }
}

TEST_CASE("bytes beyond ASCII are told apart", "[base]") {
  const std::string text = std::string(20, '\x8D') + "\xFF";
  CHECK(find_either(text, 0, '\r', '\xFF') == 20);
  CHECK(find_either(text, 0, '\r', '\n') == 21);
}

}  // namespace
}  // namespace tollgate
