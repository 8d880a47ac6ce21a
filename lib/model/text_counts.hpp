#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate::model {

/// What a text is made of, as far as tokenizers care.
enum class TextPart : uint8_t {
  kWords,           ///< Runs of ASCII letters.
  kWordParts,       ///< Further parts of them, as camelCase has it.
  kLongLetters,     ///< Letters of a part beyond its 6th.
  kEndlessLetters,  ///< Beyond its 24th: no word.
  kDigitGroups,     ///< Groups of up to 3 digits.
  kSeams,           ///< Letters and digits side by side.
  kNewlines,        ///< Runs of line breaks with the indentation behind them.
  kBlanks,          ///< Runs of two or more blanks elsewhere.
  kMarks,           ///< ASCII punctuation.
  kMarkRuns,
  kLatin,  ///< Latin letters beyond ASCII.
  kCyrillic,
  kOldAlphabets,  ///< Greek, Hebrew, Arabic.
  kSyllabaries,   ///< Indic, Thai, Armenian…
  kSymbols,       ///< Arrows, frames, dashes…
  kHan,           ///< Han, kana and full width.
  kHangul,
  kOthers,  ///< Emoji, rare scripts, bytes that are no UTF-8.
  kCount
};

/// Counts over any number of texts; each starts anew.
class TextCounts {
 public:
  void add(std::string_view text);

  uint64_t of(TextPart part) const { return counts_[static_cast<size_t>(part)]; }

 private:
  size_t add_letters(std::string_view text, size_t at);
  size_t add_digits(std::string_view text, size_t at);
  size_t add_space(std::string_view text, size_t at);
  size_t add_marks(std::string_view text, size_t at);
  size_t add_foreign(std::string_view text, size_t at);
  void count(TextPart part, uint64_t by = 1) { counts_[static_cast<size_t>(part)] += by; }

  std::array<uint64_t, static_cast<size_t>(TextPart::kCount)> counts_{};
};

}  // namespace tollgate::model
