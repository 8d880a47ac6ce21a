#include "dialects/stop_watch.hpp"

#include <algorithm>
#include <random>

#include "support/catch.hpp"

namespace tollgate::dialects {
namespace {

struct Seen {
  std::string text;
  std::string found;
  size_t most_held = 0;
};

Seen watch(std::vector<std::string> sequences, const std::vector<std::string>& texts) {
  StopWatch watch(std::move(sequences));
  Seen seen;
  size_t fed = 0;
  for (const std::string& text : texts) {
    fed += text.size();
    if (watch.feed(text, seen.text)) {
      seen.found = watch.found();
      return seen;
    }
    seen.most_held = std::max(seen.most_held, fed - seen.text.size());
  }
  watch.flush(seen.text);
  return seen;
}

TEST_CASE("text ends where a stop sequence begins") {
  struct Row {
    const char* name;
    std::vector<std::string> sequences;
    std::string text;
    std::string shown;
    std::string found;
  };
  const Row rows[] = {
      {"none given", {}, "text", "text", ""},
      {"an empty one is none", {""}, "text", "text", ""},
      {"not there", {"STOP"}, "a text", "a text", ""},
      {"at the start", {"STOP"}, "STOP and more", "", "STOP"},
      {"in the middle", {"STOP"}, "so STOP and more", "so ", "STOP"},
      {"at the end", {"STOP"}, "so STOP", "so ", "STOP"},
      {"a beginning at the end is text", {"STOP"}, "so STO", "so STO", ""},
      {"repeated beginnings", {"aab"}, "aaaab!", "aa", "aab"},
      {"overlapping itself", {"abab!"}, "ababab!", "ab", "abab!"},
      {"the one that ends first", {"long one", "ng"}, "a long one", "a lo", "ng"},
      {"of two that end together the longer", {"d", "abcd", "cd"}, "xabcdy", "x", "abcd"},
      {"one that began first but ends later", {"abcde", "cd"}, "abcde", "ab", "cd"},
      {"beyond ASCII", {"→Ende"}, "geht →Ende", "geht ", "→Ende"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const Seen whole = watch(row.sequences, {row.text});
    CHECK(whole.text == row.shown);
    CHECK(whole.found == row.found);
    std::vector<std::string> bytes;
    for (const char c : row.text)
      bytes.emplace_back(1, c);
    const Seen split = watch(row.sequences, bytes);
    CHECK(split.text == row.shown);
    CHECK(split.found == row.found);
  }
}

TEST_CASE("a sequence does not reach over the end of a block") {
  StopWatch watch({"STOP"});
  std::string out;
  CHECK(watch.needed());
  CHECK_FALSE(watch.feed("ST", out));
  CHECK(out.empty());
  watch.flush(out);
  CHECK(out == "ST");
  CHECK_FALSE(watch.feed("OP", out));
  CHECK(out == "STOP");
  CHECK_FALSE(StopWatch({""}).needed());
}

/// The end of the first sequence that ends, by looking at every place.
Seen by_hand(const std::vector<std::string>& sequences, const std::string& text) {
  for (size_t end = 1; end <= text.size(); ++end) {
    std::string longest;
    for (const std::string& sequence : sequences) {
      const bool ends = std::string_view(text).substr(0, end).ends_with(sequence);
      if (ends && sequence.size() > longest.size()) longest = sequence;
    }
    if (!longest.empty()) return {text.substr(0, end - longest.size()), longest, 0};
  }
  return {text, "", 0};
}

TEST_CASE("any split shows the same and holds back no more than the longest sequence") {
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    const auto word = [&](size_t longest) {
      std::string made;
      for (size_t i = 1 + random() % longest; i > 0; --i)
        made += static_cast<char>('a' + random() % 2);
      return made;
    };
    std::vector<std::string> sequences;
    size_t longest = 0;
    for (size_t i = 1 + random() % 4; i > 0; --i) {
      sequences.push_back(word(8) + word(4));
      longest = std::max(longest, sequences.back().size());
    }
    const std::string text = word(80);
    std::vector<std::string> pieces;
    for (size_t at = 0; at < text.size(); at += pieces.back().size())
      pieces.push_back(text.substr(at, 1 + random() % 9));
    const Seen expected = by_hand(sequences, text);
    const Seen seen = watch(sequences, pieces);
    INFO("seed " << seed);
    CHECK(seen.text == expected.text);
    CHECK(seen.found == expected.found);
    CHECK(seen.most_held < longest);
  }
}

}  // namespace
}  // namespace tollgate::dialects
