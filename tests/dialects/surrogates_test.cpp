#include "dialects/surrogates.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace tollgate::dialects;

TEST_CASE("halves of characters are found where they stand alone") {
  struct {
    const char* name;
    const char* json;
    bool found;
  } rows[] = {
      {"none", R"({"a":"b\n"})", false},
      {"a pair", R"("\ud83d\ude00")", false},
      {"a high one", R"("\ud83d")", true},
      {"a low one", R"("\ude00")", true},
      {"two high ones", R"("\uD83D\uD83D\uDE00")", true},
      {"an escaped backslash", R"("\\ud83d")", false},
      {"cut", R"("\ud8)", false},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    std::string mended;
    CHECK(mend_surrogates(row.json, mended) == row.found);
    if (!row.found) CHECK(mended == row.json);
  }
}

TEST_CASE("place holders become characters again, from one piece to the next") {
  constexpr const char* kHigh =
      "\xEF\xB7\x90"
      "d83d";
  constexpr const char* kLow =
      "\xEF\xB7\x90"
      "de00";
  constexpr const char* kGrin = "\xF0\x9F\x98\x80";
  constexpr const char* kWidow = "\xEF\xBF\xBD";
  struct Row {
    const char* name;
    std::vector<std::string> pieces;
    std::string text;
    std::string whole;  ///< When all of it comes at once.
  };
  const Row rows[] = {
      {"none", {"a", "b"}, "ab", "ab"},
      {"a pair",
       {std::string("a") + kHigh, std::string(kLow) + "b"},
       std::string("a") + kGrin + "b",
       std::string("a") + kGrin + "b"},
      {"a widow", {kHigh, "b"}, std::string(kWidow) + "b", std::string(kWidow) + "b"},
      {"an orphan", {"a", kLow}, std::string("a") + kWidow, std::string("a") + kWidow},
      {"a widow at the end", {"a", kHigh}, "a", std::string("a") + kWidow},
      {"an empty piece between", {kHigh, "", kLow}, kGrin, kGrin},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Surrogates halves;
    std::string room;
    std::string text;
    std::string all;
    for (const std::string& piece : row.pieces) {
      text += halves.join(piece, room);
      all += piece;
    }
    CHECK(text == row.text);
    CHECK(Surrogates::join_whole(all, room) == row.whole);
  }
}
