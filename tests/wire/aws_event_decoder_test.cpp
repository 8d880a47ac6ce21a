#include "wire/aws_event_decoder.hpp"

#include <algorithm>
#include <string>

#include "base/rng.hpp"
#include "support/aws_frames.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"
#include "wire/aws_events_support.hpp"

namespace tollgate::wire {
namespace {

std::string from_hex_text(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

// Frames that Amazon's own codec wrote.
const std::string kEmpty = from_hex_text("000000100000000005c248eb7d98c8ff");
const std::string kThrottled = from_hex_text(
    "000000b2000000613590d5d30f3a657863657074696f6e2d747970650700137468726f74746c696e674578636570"
    "74696f6e0d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d657373616765"
    "2d74797065070009657863657074696f6e7b226d657373616765223a22546f6f206d616e79207265717565737473"
    "2c20706c656173652077616974206265666f726520747279696e6720616761696e2e227de8ffb26a");
const std::string kError = from_hex_text(
    "0000005a0000004a8188a08d0b3a6572726f722d636f646507000f496e7465726e616c4661696c7572650e3a6572"
    "726f722d6d6573736167650700046f6f70730d3a6d6573736167652d747970650700056572726f721009478c");
const std::string kDelta = from_hex_text(
    "0000009e00000057fe1b824f0b3a6576656e742d74797065070011636f6e74656e74426c6f636b44656c74610d3a"
    "636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d7479706507"
    "00056576656e747b22636f6e74656e74426c6f636b496e646578223a302c2264656c7461223a7b2274657874223a"
    "224869227d2c2270223a22616263227d9343f010");
const std::string kEveryType = from_hex_text(
    "0000005c0000004b79cf65bb01740001660102627902fb02736803fed402696e040001e2400362696e0600030102"
    "0303737472070002c3a9027473080000019aab8f71800175090123456789abcdef0123456789abcdef78138c0717");
const std::string kChunk = from_hex_text(
    "000000e60000004b23b8750e0b3a6576656e742d747970650700056368756e6b0d3a636f6e74656e742d74797065"
    "0700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b22627974"
    "6573223a2265794a306558426c496a6f695932397564475675644639696247396a6131396b5a5778305953497349"
    "6d6c755a475634496a6f774c434a6b5a5778305953493665794a306558426c496a6f69644756346446396b5a5778"
    "305953497349"
    "6e526c654851694f694a495a57787362794a3966513d3d222c2270223a2261626364227d670db966");

TEST_CASE("frames of Amazon's codec are read", "[wire]") {
  struct Row {
    const char* name;
    const std::string& frame;
    AwsMessage message_type;
    const char* type;
    const char* message;
    const char* payload;
  };
  const Row rows[] = {
      {"empty", kEmpty, AwsMessage::kOther, "", "", ""},
      {"exception", kThrottled, AwsMessage::kException, "throttlingException", "",
       R"({"message":"Too many requests, please wait before trying again."})"},
      {"error", kError, AwsMessage::kError, "InternalFailure", "oops", ""},
      {"event", kDelta, AwsMessage::kEvent, "contentBlockDelta", "",
       R"({"contentBlockIndex":0,"delta":{"text":"Hi"},"p":"abc"})"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const DecodedAws decoded = decode_aws_whole(row.frame);
    CHECK(decoded.code == Code::kOk);
    CHECK_FALSE(decoded.mid_event);
    REQUIRE(decoded.events.size() == 1);
    CHECK(decoded.events[0].message_type == row.message_type);
    CHECK(decoded.events[0].type == row.type);
    CHECK(decoded.events[0].message == row.message);
    CHECK(decoded.events[0].payload == row.payload);
  }
}

TEST_CASE("a header of every type is read", "[wire]") {
  const DecodedAws decoded = decode_aws_whole(kEveryType);
  REQUIRE(decoded.events.size() == 1);
  CHECK(decoded.events[0].payload == "x");
  std::string_view rest = decoded.events[0].headers;
  struct Row {
    const char* name;
    AwsHeaderType type;
    int64_t number;
    std::string text;
  };
  const Row rows[] = {
      {"t", AwsHeaderType::kTrue, 1, ""},
      {"f", AwsHeaderType::kFalse, 0, ""},
      {"by", AwsHeaderType::kInt8, -5, ""},
      {"sh", AwsHeaderType::kInt16, -300, ""},
      {"in", AwsHeaderType::kInt32, 123456, ""},
      {"bin", AwsHeaderType::kBytes, 0, from_hex_text("010203")},
      {"str", AwsHeaderType::kString, 0, "é"},
      {"ts", AwsHeaderType::kTimestamp, 1763814896000, ""},
      {"u", AwsHeaderType::kUuid, 0, from_hex_text("0123456789abcdef0123456789abcdef")},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const std::optional<AwsHeader> header = take_aws_header(rest);
    REQUIRE(header);
    CHECK(header->name == row.name);
    CHECK(header->type == row.type);
    CHECK(header->number == row.number);
    CHECK(header->text == row.text);
  }
  CHECK(rest.empty());
  CHECK_FALSE(take_aws_header(rest));
}

TEST_CASE("a damaged frame is refused, wherever the damage is", "[wire]") {
  for (const std::string& frame : {kThrottled, kDelta, kEmpty, kEveryType}) {
    for (size_t bit = 0; bit < frame.size() * 8; ++bit) {
      std::string damaged = frame;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      const DecodedAws decoded = decode_aws_whole(damaged);
      CHECK(decoded.code == Code::kInvalid);
      CHECK(decoded.events.empty());
    }
  }
}

/// A frame's first twelve bytes, whose checksum is right.
std::string prelude(uint64_t total, uint64_t headers) {
  std::string bytes;
  test::append_big_endian(bytes, total, 4);
  test::append_big_endian(bytes, headers, 4);
  test::append_big_endian(bytes, crc32(bytes), 4);
  return bytes;
}

TEST_CASE("lengths no frame has are refused before its bytes are waited for", "[wire]") {
  struct Row {
    const char* name;
    std::string bytes;
    Code code;
  };
  const Row rows[] = {
      {"shorter than a frame", prelude(15, 0), Code::kInvalid},
      {"headers beyond the frame", prelude(100, 85), Code::kInvalid},
      {"headers that leave no payload", prelude(100, 84), Code::kOk},
      {"larger than the bound", prelude(24 * 1024 * 1024 + 1, 0), Code::kLimit},
      {"as large as the bound", prelude(24 * 1024 * 1024, 0), Code::kOk},
      {"headers larger than theirs", prelude(200'000, 128 * 1024 + 1), Code::kLimit},
      {"all ones", std::string(12, '\xFF'), Code::kInvalid},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(decode_aws_whole(row.bytes).code == row.code);
    CHECK(decode_aws(row.bytes, [](size_t) { return 1; }).code == row.code);
  }
  // Beyond a small bound of the owner's.
  CHECK(decode_aws_whole(kDelta, kDelta.size() - 1).code == Code::kLimit);
  CHECK(decode_aws_whole(kDelta, kDelta.size()).code == Code::kOk);
}

TEST_CASE("headers that cannot be read are refused", "[wire]") {
  struct Row {
    const char* name;
    std::string headers;
    bool taken;
  };
  const Row rows[] = {
      {"no name", std::string("\x00\x00", 2), false},
      {"a name beyond the block",
       std::string("\x05"
                   "ab",
                   3),
       false},
      {"no type",
       std::string("\x01"
                   "a",
                   2),
       false},
      {"an unknown type",
       std::string("\x01"
                   "a\x0A",
                   3),
       false},
      {"no length",
       std::string("\x01"
                   "a\x07\x00",
                   4),
       false},
      {"a text beyond the block",
       std::string("\x01"
                   "a\x07\x00\x02x",
                   6),
       false},
      {"a number beyond the block",
       std::string("\x01"
                   "a\x05\x00",
                   4),
       false},
      {"a truth value",
       std::string("\x01"
                   "a\x00",
                   3),
       true},
      {"an empty text",
       std::string("\x01"
                   "a\x07\x00\x00",
                   5),
       true},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const DecodedAws decoded = decode_aws_whole(test::aws_raw_frame(row.headers, "{}"));
    CHECK((decoded.code == Code::kOk) == row.taken);
    CHECK(decoded.events.size() == (row.taken ? 1U : 0U));
  }
}

TEST_CASE("a decoder that failed stays so", "[wire]") {
  AwsEventDecoder decoder;
  size_t events = 0;
  const auto count = [&](const AwsEvent&) { ++events; };
  REQUIRE(decoder.feed(kDelta + std::string(16, 'x'), count).code() == Code::kInvalid);
  CHECK(decoder.feed(kDelta, count).code() == Code::kInvalid);
  CHECK(events == 1);
}

TEST_CASE("event streams decode the same at any split", "[wire]") {
  Rng rng(11);
  std::vector<std::string> streams = {kEmpty + kChunk + kDelta + kEveryType + kThrottled};
  for (const auto& path : test::recordings("bedrock", ".bin"))
    streams.push_back(test::read_file(path));
  for (const std::string& stream : streams) {
    const DecodedAws whole = decode_aws_whole(stream);
    CHECK(whole.code == Code::kOk);
    CHECK_FALSE(whole.events.empty());
    CHECK_FALSE(whole.mid_event);
    CHECK(decode_aws(stream, [](size_t) { return 1; }) == whole);
    for (const uint64_t largest : {3U, 17U, 200U, 5000U}) {
      CHECK(decode_aws(stream, [&](size_t left) {
              return std::min<size_t>(left, 1 + rng.below(largest));
            }) == whole);
    }
    // Cut anywhere, a stream gives a beginning of its events and says that it is in the middle.
    size_t wrong = 0;
    for (size_t size = 0; size < std::min<size_t>(stream.size(), 4000); ++size) {
      const DecodedAws cut = decode_aws_whole(std::string_view(stream).substr(0, size));
      size_t bytes = 0;
      for (const KeptAwsEvent& event : cut.events)
        bytes += event.headers.size() + event.payload.size() + 16;
      const bool beginning = cut.code == Code::kOk && cut.events.size() <= whole.events.size() &&
                             std::equal(cut.events.begin(), cut.events.end(), whole.events.begin());
      if (!beginning || cut.mid_event != (bytes < size)) ++wrong;
    }
    CHECK(wrong == 0);
  }
}

}  // namespace
}  // namespace tollgate::wire
