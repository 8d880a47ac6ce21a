#include "exchange/decision_book.hpp"

#include <string>

#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

TEST_CASE("a decision is found by its id until it is too long ago, and memory is bounded") {
  DecisionBook book;
  CHECK_FALSE(book.find("dec_0"));
  const size_t half = DecisionBook::kDecisionsMax / 2;
  for (size_t i = 0; i < 2 * half; ++i)
    book.put("dec_" + std::to_string(i), {"m", "a/" + std::to_string(i), "user:x"});
  REQUIRE(book.find("dec_0"));
  CHECK(book.find("dec_0")->target == "a/0");
  for (size_t i = 2 * half; i < 3 * half; ++i)
    book.put("dec_" + std::to_string(i), {"m", "a/" + std::to_string(i), "user:x"});
  CHECK_FALSE(book.find("dec_0"));
  CHECK(book.find("dec_" + std::to_string(3 * half - 1)));
  CHECK(book.find("dec_" + std::to_string(2 * half)));
  CHECK(book.size() <= DecisionBook::kDecisionsMax);
}

}  // namespace
}  // namespace tollgate::exchange
