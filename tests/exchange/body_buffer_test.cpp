#include "exchange/body_buffer.hpp"

#include <cstring>
#include <string>
#include <vector>

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

TEST_CASE("bytes may lie anywhere in the room, and none behind it") {
  Environment environment;
  BodyBuffer buffer(environment);
  REQUIRE(buffer.append("ab", 2).ok());
  REQUIRE(buffer.reserve(20).ok());
  std::memcpy(buffer.room(), "4\r\ncdef", 7);
  REQUIRE(buffer.append(buffer.room() + 3, 4).ok());
  CHECK(buffer.view() == "abcdef");
  const size_t room = buffer.room_size();
  CHECK(buffer.append(buffer.room(), room + 1).code() == Code::kInvalid);
  CHECK(buffer.append(buffer.room() + room - 1, 2).code() == Code::kInvalid);
  CHECK(buffer.view() == "abcdef");
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

TEST_CASE("a body's memory serves the next body of about that size") {
  Environment environment;
  const void* first = nullptr;
  {
    BodyBuffer buffer(environment);
    REQUIRE(buffer.reserve(60'000).ok());
    first = buffer.room();
  }
  BodyBuffer much_smaller(environment);
  REQUIRE(much_smaller.reserve(5'000).ok());
  CHECK(much_smaller.room() != first);
  BodyBuffer similar(environment);
  REQUIRE(similar.reserve(58'000).ok());
  CHECK(similar.room() == first);
  CHECK(environment.body_bytes.load() < 70'000);
  BodyBuffer another(environment);
  REQUIRE(another.reserve(58'000).ok());
  CHECK(another.room() != first);
}

TEST_CASE("of many bodies only the last few blocks are kept") {
  BodyPool pool;
  std::vector<const void*> given_back;
  std::vector<BodyPool::Block> blocks;
  for (int i = 0; i < 40; ++i)
    blocks.push_back(pool.take(60'000));
  for (BodyPool::Block& block : blocks) {
    given_back.push_back(block.data.get());
    pool.give_back(std::move(block));
  }
  BodyPool::Block last = pool.take(60'000);
  CHECK(last.data.get() == given_back.back());
  // A block too large to keep is freed, not handed out again for a small body.
  pool.give_back(pool.take(8'000'000));
  CHECK(pool.take(7'900'000).capacity < 8'000'000);
}

}  // namespace
}  // namespace tollgate::exchange
