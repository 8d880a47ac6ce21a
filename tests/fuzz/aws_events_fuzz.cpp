#include <algorithm>
#include <string>

#include "base/rng.hpp"
#include "dialects/aws_chunk.hpp"
#include "fuzz/check.hpp"
#include "support/aws_frames.hpp"
#include "wire/aws_events_support.hpp"

// An event stream decodes the same whole, byte by byte and at drawn splits, within its bound or
// beyond. No drawn bytes have right checksums, so half of the inputs get them: the input then says
// how each frame's headers and payload read.

namespace {

std::string with_checksums(std::string_view input) {
  std::string stream;
  while (input.size() >= 2) {
    const size_t headers = static_cast<uint8_t>(input[0]);
    const size_t payload = static_cast<uint8_t>(input[1]);
    input.remove_prefix(2);
    const std::string_view header_bytes = input.substr(0, headers);
    input.remove_prefix(header_bytes.size());
    const std::string_view payload_bytes = input.substr(0, payload);
    input.remove_prefix(payload_bytes.size());
    stream += tollgate::test::aws_raw_frame(header_bytes, payload_bytes);
  }
  return stream.append(input);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using tollgate::fuzz::check;
  using tollgate::wire::decode_aws;
  if (size < 3) return 0;
  const size_t largest = size_t{1} + data[0];
  const size_t bound = data[1] < 128 ? tollgate::limits::kAwsFrameBytesMax : data[1];
  const std::string_view input = tollgate::fuzz::text_of(data + 3, size - 3);
  const std::string stream = data[2] < 128 ? with_checksums(input) : std::string(input);
  const auto whole = tollgate::wire::decode_aws_whole(stream, bound);
  const auto bytes = decode_aws(
      stream, [](size_t) { return 1; }, bound);
  tollgate::Rng rng(size);
  const auto pieces = decode_aws(
      stream, [&](size_t left) { return std::min<size_t>(left, 1 + rng.below(largest)); }, bound);
  check(bytes == whole);
  check(pieces == whole);
  for (const auto& event : whole.events) {
    check(event.headers.size() + event.payload.size() + 16 <= bound);
    std::string_view headers = event.headers;
    while (tollgate::wire::take_aws_header(headers)) {
    }
    check(headers.empty());
    const auto chunk = tollgate::dialects::aws_chunk_payload(event.payload);
    check(!chunk.ok() || chunk.value().size() <= event.payload.size());
  }
  return 0;
}
