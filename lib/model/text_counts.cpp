#include "model/text_counts.hpp"

#include <algorithm>

namespace tollgate::model {
namespace {

enum class Kind : uint8_t { kLower, kUpper, kDigit, kLine, kBlank, kMark, kForeign };

constexpr size_t kShortPart = 6;
constexpr size_t kLongestPart = 24;

constexpr std::array<Kind, 256> make_kinds() {
  std::array<Kind, 256> kinds{};
  for (size_t c = 0; c < kinds.size(); ++c) {
    kinds[c] = c >= 0x80                ? Kind::kForeign
               : c >= 'a' && c <= 'z'   ? Kind::kLower
               : c >= 'A' && c <= 'Z'   ? Kind::kUpper
               : c >= '0' && c <= '9'   ? Kind::kDigit
               : c == '\n' || c == '\r' ? Kind::kLine
               : c == ' ' || c == '\t'  ? Kind::kBlank
                                        : Kind::kMark;
  }
  return kinds;
}

constexpr std::array<Kind, 256> kKinds = make_kinds();

Kind kind_at(std::string_view text, size_t at) {
  return kKinds[static_cast<unsigned char>(text[at])];
}

bool is_letter(Kind kind) {
  return kind == Kind::kLower || kind == Kind::kUpper;
}

struct Script {
  uint32_t end;  ///< The first code point behind it.
  TextPart part;
  uint8_t weight = 1;
};

constexpr Script kScripts[] = {
    {0xC0, TextPart::kSymbols},
    {0x370, TextPart::kLatin},
    {0x400, TextPart::kOldAlphabets},
    {0x530, TextPart::kCyrillic},
    {0x590, TextPart::kSyllabaries},  // Armenian.
    {0x800, TextPart::kOldAlphabets},
    {0x1100, TextPart::kSyllabaries},
    {0x1200, TextPart::kHangul},
    {0x1700, TextPart::kOthers},
    {0x1E00, TextPart::kSyllabaries, 2},
    {0x2000, TextPart::kLatin},
    {0x3000, TextPart::kSymbols},
    {0xA000, TextPart::kHan},
    {0xD800, TextPart::kHangul},
    {0xF900, TextPart::kOthers},
    {0xFB00, TextPart::kHan},
    {0xFF00, TextPart::kOthers},
    {0xFFF0, TextPart::kHan},
};

struct CodePoint {
  uint32_t value = 0xFFFF;
  size_t size = 1;
};

uint32_t low_bits(std::string_view text, size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) & 0x3FU : 0;
}

/// Lenient: what is no UTF-8 counts as one strange character a byte.
CodePoint code_point(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0xC2) return {};
  if (lead < 0xE0) return {(lead & 0x1FU) << 6 | low_bits(text, at + 1), 2};
  if (lead < 0xF0) {
    return {(lead & 0x0FU) << 12 | low_bits(text, at + 1) << 6 | low_bits(text, at + 2), 3};
  }
  return {0x1'0000, 4};
}

}  // namespace

size_t TextCounts::add_letters(std::string_view text, size_t at) {
  count(TextPart::kWords);
  size_t part = 0;
  bool lower = false;
  const auto close = [&] {
    if (part > kLongestPart) count(TextPart::kEndlessLetters, part - kLongestPart);
    if (part > kShortPart) {
      count(TextPart::kLongLetters, std::min(part, kLongestPart) - kShortPart);
    }
    part = 0;
  };
  for (; at < text.size(); ++at) {
    const Kind kind = kind_at(text, at);
    if (!is_letter(kind)) break;
    if (kind == Kind::kUpper && lower) {
      count(TextPart::kWordParts);
      close();
    }
    lower = kind == Kind::kLower;
    ++part;
  }
  close();
  return at;
}

size_t TextCounts::add_digits(std::string_view text, size_t at) {
  const size_t from = at;
  while (at < text.size() && kind_at(text, at) == Kind::kDigit)
    ++at;
  count(TextPart::kDigitGroups, (at - from + 2) / 3);
  return at;
}

size_t TextCounts::add_space(std::string_view text, size_t at) {
  const size_t from = at;
  const bool line = kind_at(text, at) == Kind::kLine;
  while (at < text.size()) {
    const Kind kind = kind_at(text, at);
    if (kind != Kind::kBlank && !(line && kind == Kind::kLine)) break;
    ++at;
  }
  if (line) {
    count(TextPart::kNewlines);
  } else if (at - from > 1) {
    count(TextPart::kBlanks);
  }
  return at;
}

size_t TextCounts::add_marks(std::string_view text, size_t at) {
  const size_t from = at;
  while (at < text.size() && kind_at(text, at) == Kind::kMark)
    ++at;
  count(TextPart::kMarkRuns);
  count(TextPart::kMarks, at - from);
  return at;
}

size_t TextCounts::add_foreign(std::string_view text, size_t at) {
  const CodePoint point = code_point(text, at);
  for (const Script& script : kScripts) {
    if (point.value >= script.end) continue;
    count(script.part, script.weight);
    return at + point.size;
  }
  count(TextPart::kOthers);
  return at + point.size;
}

void TextCounts::add(std::string_view text) {
  Kind before = Kind::kBlank;
  for (size_t at = 0; at < text.size();) {
    const Kind kind = kind_at(text, at);
    if (kind == Kind::kDigit ? is_letter(before) : before == Kind::kDigit && is_letter(kind)) {
      count(TextPart::kSeams);
    }
    before = kind;
    switch (kind) {
      case Kind::kLower:
      case Kind::kUpper:
        at = add_letters(text, at);
        break;
      case Kind::kDigit:
        at = add_digits(text, at);
        break;
      case Kind::kLine:
      case Kind::kBlank:
        at = add_space(text, at);
        break;
      case Kind::kMark:
        at = add_marks(text, at);
        break;
      case Kind::kForeign:
        at = add_foreign(text, at);
        break;
    }
  }
}

}  // namespace tollgate::model
