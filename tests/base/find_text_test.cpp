#include "base/find_text.hpp"

#include <string>

#include "support/catch.hpp"

namespace tollgate {
namespace {

TEST_CASE("a text is found wherever it stands, as string_view finds it") {
  for (const std::string wanted : {"ab", "aab", "1h\"", "\\u00"}) {
    for (size_t size = 0; size < 200; ++size) {
      // Beginnings of it stand everywhere, the whole at one place.
      std::string text;
      while (text.size() < size)
        text += wanted.substr(0, wanted.size() - 1);
      text.resize(size);
      CHECK(find_text(text, wanted) == text.find(wanted));
      for (size_t at = 0; at + wanted.size() <= size; at += 3) {
        std::string holding = text;
        holding.replace(at, wanted.size(), wanted);
        INFO(wanted << " at " << at << " of " << size);
        REQUIRE(find_text(holding, wanted) == holding.find(wanted));
        REQUIRE(find_text(holding, wanted, at) == holding.find(wanted, at));
        REQUIRE(find_text(holding, wanted, at + 1) == holding.find(wanted, at + 1));
      }
    }
  }
}

TEST_CASE("a text that is not there is not found") {
  CHECK(find_text("", "ab") == std::string_view::npos);
  CHECK(find_text("a", "ab") == std::string_view::npos);
  CHECK(find_text("ab", "ab", 2) == std::string_view::npos);
  CHECK(find_text(std::string(1000, 'a'), "ab") == std::string_view::npos);
  const std::string cut(64, 'a');
  CHECK(find_text(std::string_view(cut + "b").substr(0, 64), "ab") == std::string_view::npos);
}

}  // namespace
}  // namespace tollgate
