#include <algorithm>
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "fuzz/check.hpp"
#include "json/reader.hpp"
#include "wire/json_array_decoder.hpp"

// An array in pieces is cut into the same elements whole, byte by byte and at drawn splits, within
// its bound or beyond; and where its text is valid JSON, those elements are the array's own.

namespace {

using tollgate::fuzz::check;

struct Cut {
  std::vector<std::string> elements;
  tollgate::Code code = tollgate::Code::kOk;
  friend bool operator==(const Cut&, const Cut&) = default;
};

template <typename NextSize>
Cut cut(std::string_view text, size_t bound, const NextSize& next_size) {
  Cut result;
  tollgate::wire::JsonArrayDecoder decoder(bound);
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, next_size(text.size()));
    text.remove_prefix(piece.size());
    result.code = decoder
                      .feed(piece,
                            [&](std::string_view element) {
                              check(element.size() <= bound);
                              result.elements.emplace_back(element);
                            })
                      .code();
    if (result.code != tollgate::Code::kOk) break;
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tollgate;
  if (size < 2) return 0;
  const size_t bound = data[0] < 128 ? size_t{1} << 20 : data[0];
  const size_t largest = size_t{1} + data[1];
  const std::string_view text = fuzz::text_of(data + 2, size - 2);
  const Cut whole = cut(text, bound, [](size_t left) { return left; });
  check(cut(text, bound, [](size_t) { return size_t{1}; }) == whole);
  Rng rng(size);
  check(cut(text, bound,
            [&](size_t left) { return std::min<size_t>(left, 1 + rng.below(largest)); }) == whole);
  if (bound <= 255) return 0;
  json::Document document;
  const auto parsed = document.parse(text);
  if (!parsed.ok() || (!parsed.value().is_array() && !parsed.value().is_object())) return 0;
  check(whole.code == Code::kOk);
  check(whole.elements.size() == (parsed.value().is_array() ? parsed.value().size() : 1));
  json::Document element;
  for (const std::string& each : whole.elements)
    check(element.parse(each).ok());
  return 0;
}
