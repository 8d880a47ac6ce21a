#include "model/text_counts.hpp"

#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"

namespace tollgate::model {
namespace {

using Expected = std::vector<std::pair<TextPart, uint64_t>>;

struct Row {
  const char* name;
  std::string_view text;
  Expected counts;
};

const Row kRows[] = {
    {"nothing", "", {}},
    {"words", "two words", {{TextPart::kWords, 2}}},
    {"parts of a name", "readFileHTTP", {{TextPart::kWords, 1}, {TextPart::kWordParts, 2}}},
    {"a long word", "international", {{TextPart::kWords, 1}, {TextPart::kLongLetters, 7}}},
    {"a long part behind a short one",
     "getInternational",
     {{TextPart::kWords, 1}, {TextPart::kWordParts, 1}, {TextPart::kLongLetters, 7}}},
    {"letters without an end",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     {{TextPart::kWords, 1}, {TextPart::kLongLetters, 18}, {TextPart::kEndlessLetters, 6}}},
    {"digits by threes", "1 123 1234", {{TextPart::kDigitGroups, 4}}},
    {"letters and digits side by side",
     "a1b 2",
     {{TextPart::kWords, 2}, {TextPart::kDigitGroups, 2}, {TextPart::kSeams, 2}}},
    {"lines and indentation", "a\n\n  b\r\n", {{TextPart::kWords, 2}, {TextPart::kNewlines, 2}}},
    {"blanks", "a b  c\td", {{TextPart::kWords, 4}, {TextPart::kBlanks, 1}}},
    {"marks", "a(); b", {{TextPart::kWords, 2}, {TextPart::kMarks, 3}, {TextPart::kMarkRuns, 1}}},
    {"umlauts", "größe", {{TextPart::kWords, 2}, {TextPart::kLatin, 2}}},
    {"Cyrillic", "мир", {{TextPart::kCyrillic, 3}}},
    {"Greek and Arabic", "γاب", {{TextPart::kOldAlphabets, 3}}},
    {"Armenian", "սա", {{TextPart::kSyllabaries, 2}}},
    {"Khmer, which tokenizers know little of", "សួ", {{TextPart::kSyllabaries, 4}}},
    {"an arrow and a frame", "→│", {{TextPart::kSymbols, 2}}},
    {"Han and kana", "中ア", {{TextPart::kHan, 2}}},
    {"Hangul", "한", {{TextPart::kHangul, 1}}},
    {"emoji", "🎉", {{TextPart::kOthers, 1}}},
    {"bytes that are no UTF-8", "\x80\xBF", {{TextPart::kOthers, 2}}},
    {"a sequence cut short", "\xE4\xB8", {{TextPart::kHan, 1}}},
    {"a lead byte at the end", "\xF0", {{TextPart::kOthers, 1}}},
};

TEST_CASE("texts are counted by what they are made of") {
  for (const Row& row : kRows) {
    CAPTURE(row.name);
    TextCounts counts;
    counts.add(row.text);
    Expected found;
    for (size_t i = 0; i < static_cast<size_t>(TextPart::kCount); ++i) {
      const auto part = static_cast<TextPart>(i);
      if (counts.of(part) > 0) found.emplace_back(part, counts.of(part));
    }
    CHECK(found == row.counts);
  }
}

TEST_CASE("texts add up and start anew") {
  TextCounts counts;
  counts.add("ab");
  counts.add("cd");
  CHECK(counts.of(TextPart::kWords) == 2);
}

}  // namespace
}  // namespace tollgate::model
