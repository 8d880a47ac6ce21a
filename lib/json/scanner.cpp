#include "json/scanner.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/find_byte.hpp"

namespace tollgate::json {

void Scanner::skip_space() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
    ++at_;
}

Span Scanner::take_string() {
  const size_t begin = at_;
  ++at_;
  for (;;) {
    at_ = find_either(text_, at_, '"', '\\');
    if (at_ >= text_.size()) break;
    if (text_[at_] == '"') {
      ++at_;
      break;
    }
    at_ += 2;
  }
  if (at_ > text_.size()) at_ = text_.size();
  return Span{begin, at_ - begin};
}

size_t Scanner::find_bracket_or_quote() const {
  size_t at = at_;
  // Brackets and braces differ in one bit, which the scan sets: two comparisons find all four.
  constexpr char kFold = 0x20;
#ifdef __SSE2__
  const __m128i fold = _mm_set1_epi8(kFold);
  const __m128i open = _mm_set1_epi8('{');
  const __m128i close = _mm_set1_epi8('}');
  const __m128i quote = _mm_set1_epi8('"');
  while (at + sizeof(__m128i) <= text_.size()) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text_.data() + at));
    const __m128i folded = _mm_or_si128(bytes, fold);
    const __m128i hit =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quote),
                     _mm_or_si128(_mm_cmpeq_epi8(folded, open), _mm_cmpeq_epi8(folded, close)));
    const int found = _mm_movemask_epi8(hit);
    if (found != 0) return at + static_cast<size_t>(__builtin_ctz(static_cast<unsigned>(found)));
    at += sizeof(__m128i);
  }
#endif
  for (; at < text_.size(); ++at) {
    const char folded = static_cast<char>(text_[at] | kFold);
    if (text_[at] == '"' || folded == '{' || folded == '}') break;
  }
  return at;
}

/// Counts brackets outside strings: which kind closes which was checked by the parser.
void Scanner::skip_container() {
  size_t depth = 0;
  while (at_ < text_.size()) {
    at_ = find_bracket_or_quote();
    if (at_ >= text_.size()) return;
    const char c = text_[at_];
    if (c == '"') {
      take_string();
      continue;
    }
    ++at_;
    if (c == '{' || c == '[') {
      ++depth;
    } else if (depth <= 1) {
      return;
    } else {
      --depth;
    }
  }
}

void Scanner::skip_value() {
  const char c = peek();
  if (c == '"') {
    take_string();
  } else if (c == '{' || c == '[') {
    skip_container();
  } else {
    at_ = text_.find_first_of(",]} \n\r\t", at_);
    if (at_ == std::string_view::npos) at_ = text_.size();
  }
}

}  // namespace tollgate::json
