#include "dialects/openai_chat/chunk.hpp"
#include "dialects/openai_chat/through.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using namespace tollgate::dialects::openai_chat;

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

TEST_CASE("a character spread over two chunks is one again") {
  struct {
    const char* name;
    std::vector<std::string> pieces;
    const char* text;
  } rows[] = {
      {"joined",
       {R"("a\ud83d")", R"("\ude00b")"},
       "a\xF0\x9F\x98\x80"
       "b"},
      {"in one", {R"("\ud83d\ude00")"}, "\xF0\x9F\x98\x80"},
      {"a widow",
       {R"("a\ud83d")", R"("b")"},
       "a\xEF\xBF\xBD"
       "b"},
      {"an orphan",
       {R"("\ude00b")"},
       "\xEF\xBF\xBD"
       "b"},
      {"twice",
       {R"("\ud83d")", R"("\ude00\ud83d")", R"("\ude00")"},
       "\xF0\x9F\x98\x80\xF0\x9F\x98\x80"},
  };
  for (const auto& row : rows) {
    INFO(row.name);
    std::vector<std::string> chunks;
    for (const std::string& piece : row.pieces)
      chunks.push_back(delta("{\"content\":" + piece + "}"));
    chunks.push_back(finish("stop"));
    Translation translation = thinking_client();
    const DecodedStream decoded = decode_pieces({stream_of(chunks)}, translation);
    INFO(decoded.status.message());
    REQUIRE(decoded.status.ok());
    const model::Response response = folded(decoded.events);
    REQUIRE(response.content.size() == 1);
    CHECK(response.content[0].text == row.text);
  }
}
