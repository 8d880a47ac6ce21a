#include <algorithm>

#include "base/rng.hpp"
#include "fuzz/check.hpp"
#include "wire/sse_support.hpp"

// A stream decodes the same whole, byte by byte and at drawn splits, within its bound or beyond.

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using tollgate::fuzz::check;
  using tollgate::wire::decode;
  if (size < 2) return 0;
  const size_t largest = size_t{1} + data[0];
  const size_t bound = data[1] < 128 ? tollgate::limits::kSseEventBytesMax : data[1];
  const std::string_view stream = tollgate::fuzz::text_of(data + 2, size - 2);
  const auto whole = tollgate::wire::decode_whole(stream, bound);
  const auto bytes = decode(
      stream, [](size_t) { return 1; }, bound);
  tollgate::Rng rng(size);
  const auto pieces = decode(
      stream, [&](size_t left) { return std::min<size_t>(left, 1 + rng.below(largest)); }, bound);
  check(bytes.code == whole.code);
  check(bytes.events == whole.events);
  check(pieces.code == whole.code);
  check(pieces.events == whole.events);
  if (whole.code == tollgate::Code::kOk) {
    check(bytes == whole);
    check(pieces == whole);
  }
  for (const auto& event : whole.events) {
    check(event.name.find_first_of("\r\n") == std::string::npos);
    check(event.data.find('\r') == std::string::npos);
    check(event.name.size() + event.data.size() <= bound);
  }
  return 0;
}
