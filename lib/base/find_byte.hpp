#pragma once

#include <cstddef>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace tollgate {

/// The place of the first `a` or `b` at or behind `from`; the text's size when there is none. One
/// pass: two calls of memchr would look through the rest of the text again and again where only one
/// of the two occurs.
inline size_t find_either(std::string_view text, size_t from, char a, char b) {
  size_t at = from;
#ifdef __SSE2__
  const __m128i all_a = _mm_set1_epi8(a);
  const __m128i all_b = _mm_set1_epi8(b);
  while (at + sizeof(__m128i) <= text.size()) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const int found =
        _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(bytes, all_a), _mm_cmpeq_epi8(bytes, all_b)));
    if (found != 0) return at + static_cast<size_t>(__builtin_ctz(static_cast<unsigned>(found)));
    at += sizeof(__m128i);
  }
#endif
  while (at < text.size() && text[at] != a && text[at] != b)
    ++at;
  return at;
}

}  // namespace tollgate
