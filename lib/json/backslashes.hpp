#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace tollgate::json {

/// The backslashes of a text, one after the other. Texts are looked at in blocks, so kPadding bytes
/// behind the text must be readable; what it finds there stands at or behind the text's end.
class Backslashes {
 public:
  explicit Backslashes(std::string_view text) : text_(text) {
    if (!text_.empty()) found_ = look();
    settle();
  }

  /// Where the first one that was not passed yet stands; SIZE_MAX when there is none.
  size_t at() const { return at_; }
  /// Passes this one.
  void skip() {
    found_ &= found_ - 1;
    settle();
  }
  /// Passes all that stand before `place`.
  void skip_to(size_t place) {
    while (at_ < place)
      skip();
  }

 private:
  static constexpr size_t kBlock = 64;

  void settle() {
    while (found_ == 0) {
      block_ += kBlock;
      if (block_ >= text_.size()) {
        at_ = SIZE_MAX;
        return;
      }
      found_ = look();
    }
    at_ = block_ + static_cast<size_t>(std::countr_zero(found_));
  }

  /// A bit for each backslash of the block.
  uint64_t look() const {
    const char* const block = text_.data() + block_;
    uint64_t found = 0;
#ifdef __SSE2__
    const __m128i backslash = _mm_set1_epi8('\\');
    const auto equal = [&](size_t i) {
      const auto* const at = reinterpret_cast<const __m128i*>(block + i * sizeof(__m128i));
      return _mm_cmpeq_epi8(_mm_loadu_si128(at), backslash);
    };
    const __m128i parts[4] = {equal(0), equal(1), equal(2), equal(3)};
    const __m128i any =
        _mm_or_si128(_mm_or_si128(parts[0], parts[1]), _mm_or_si128(parts[2], parts[3]));
    // Most blocks have none.
    if (_mm_movemask_epi8(any) == 0) return 0;
    for (size_t i = 0; i < 4; ++i) {
      const auto bits = static_cast<uint32_t>(_mm_movemask_epi8(parts[i]));
      found |= uint64_t{bits} << (i * sizeof(__m128i));
    }
#else
    for (size_t i = 0; i < kBlock; ++i)
      found |= uint64_t{block[i] == '\\'} << i;
#endif
    return found;
  }

  std::string_view text_;
  size_t block_ = 0;
  size_t at_ = 0;
  uint64_t found_ = 0;
};

}  // namespace tollgate::json
