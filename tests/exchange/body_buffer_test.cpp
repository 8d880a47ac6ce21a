#include "exchange/body_buffer.hpp"

#include <cstring>
#include <string>

#include "exchange/environment.hpp"
#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

TEST_CASE("bytes are appended, or only counted when they were received in place") {
  Environment environment;
  BodyBuffer buffer(environment);
  REQUIRE(buffer.append("ab", 2).ok());
  REQUIRE(buffer.reserve(3).ok());
  REQUIRE(buffer.room_size() >= 3);
  std::memcpy(buffer.room(), "cde", 3);
  REQUIRE(buffer.append(buffer.room(), 3).ok());
  CHECK(buffer.view() == "abcde");
  const std::string large(100'000, 'x');
  REQUIRE(buffer.append(large.data(), large.size()).ok());
  CHECK(buffer.view() == "abcde" + large);
}

TEST_CASE("there is always padding behind the text") {
  Environment environment;
  BodyBuffer buffer(environment);
  const std::string text(4096, 'x');
  REQUIRE(buffer.append(text.data(), text.size()).ok());
  CHECK(std::string(buffer.view().data() + buffer.size() + buffer.room_size(), json::kPadding) ==
        std::string(json::kPadding, '\0'));
}

TEST_CASE("memory is counted against the common bound and given back") {
  Environment environment;
  environment.body_bytes_max = 10'000;
  {
    BodyBuffer first(environment);
    BodyBuffer second(environment);
    REQUIRE(first.reserve(8'000).ok());
    CHECK(second.reserve(8'000).code() == Code::kLimit);
    CHECK(environment.body_bytes.load() >= 8'000);
    first.release();
    CHECK(environment.body_bytes.load() == 0);
    CHECK(second.reserve(8'000).ok());
  }
  CHECK(environment.body_bytes.load() == 0);
}

}  // namespace
}  // namespace tollgate::exchange
