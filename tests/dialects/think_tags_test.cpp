#include "dialects/think_tags.hpp"

#include "support/catch.hpp"

using tollgate::dialects::ThinkTags;

namespace {

struct Row {
  const char* name;
  std::string text;
  const char* reasoning;
  const char* said;
};

}  // namespace

TEST_CASE("reasoning in tags is taken out of an answer that begins with them") {
  const Row rows[] = {
      {"both", "<think>a < b</think>\n\nYes", "a < b", "Yes"},
      {"a blank before", "\n <think>a</think>b", "a", "b"},
      {"text", "Yes <think>no</think>", "", "Yes <think>no</think>"},
      {"a beginning of it", "<thi", "", "<thi"},
      {"another tag", "<thing>", "", "<thing>"},
      {"never closed", "<think>a</thin", "a</thin", ""},
      {"nothing inside", "<think></think>b", "", "b"},
      {"nothing behind", "<think>a</think>\n", "a", ""},
      {"closed twice", "<think>a</think>b</think>", "a", "b</think>"},
      {"nothing", "", "", ""},
      {"blanks", "  ", "", "  "},
  };
  for (const Row& row : rows) {
    for (size_t step = 1; step <= 9; ++step) {
      INFO(row.name << " by " << step);
      ThinkTags tags;
      std::string reasoning;
      std::string said;
      for (size_t at = 0; at < row.text.size(); at += step)
        tags.feed(std::string_view(row.text).substr(at, step), reasoning, said);
      tags.flush(reasoning, said);
      CHECK(reasoning == row.reasoning);
      CHECK(said == row.said);
      CHECK(tags.is_text());
    }
  }
}

TEST_CASE("an answer that begins inside its reasoning has the closing tag alone") {
  struct {
    Row row;
    bool unseen;
  } rows[] = {
      {{"seen", "a</think>\n\nb", "a", "b"}, false},
      {{"seen, and opened all the same", "<think>a</think>b", "a", "b"}, false},
      {{"seen, and never closed", "a", "a", ""}, false},
      {{"unseen", "a</think>b", "a", "b"}, true},
      {{"unseen, and never closed", "a b", "", "a b"}, true},
      {{"unseen, opened and never closed", "<think>a", "a", ""}, true},
  };
  for (const auto& [row, unseen] : rows) {
    for (size_t step = 1; step <= 9; ++step) {
      INFO(row.name << " by " << step);
      ThinkTags tags(true, unseen);
      std::string reasoning;
      std::string said;
      for (size_t at = 0; at < row.text.size(); at += step)
        tags.feed(std::string_view(row.text).substr(at, step), reasoning, said);
      tags.flush(reasoning, said);
      CHECK(reasoning == row.reasoning);
      CHECK(said == row.said);
    }
  }
}

TEST_CASE("no more is held back than may be a tag") {
  ThinkTags tags;
  std::string reasoning;
  std::string said;
  tags.feed("<think>abc</thin", reasoning, said);
  CHECK(reasoning == "abc");
  tags.feed("g", reasoning, said);
  CHECK(reasoning == "abc</thing");
}
