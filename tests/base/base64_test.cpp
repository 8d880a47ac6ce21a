#include "base/base64.hpp"

#include "support/catch.hpp"

using namespace tollgate;

TEST_CASE("base64 knows the vectors of RFC 4648") {
  struct Row {
    const char* plain;
    const char* coded;
  };
  const Row row =
      GENERATE(Row{"", ""}, Row{"f", "Zg=="}, Row{"fo", "Zm8="}, Row{"foo", "Zm9v"},
               Row{"foob", "Zm9vYg=="}, Row{"fooba", "Zm9vYmE="}, Row{"foobar", "Zm9vYmFy"});
  CHECK(base64_encode(row.plain) == row.coded);
  CHECK(base64_decode(row.coded) == std::string(row.plain));
}

TEST_CASE("base64 refuses what is not exactly it") {
  const char* bad =
      GENERATE("Z", "Zg", "Zg=", "Zg==\n", " Zg=", "Z===", "Zg==Zg==", "Zm9v!m9v", "Zm-v", "====");
  CAPTURE(bad);
  CHECK_FALSE(base64_decode(bad));
}

TEST_CASE("base64url has its own alphabet and no padding") {
  CHECK(base64url_encode("\xfb\xff\xfe") == "-__-");
  CHECK(base64url_decode("-__-") == "\xfb\xff\xfe");
  CHECK(base64url_encode("f") == "Zg");
  CHECK(base64url_decode("Zg") == "f");
  CHECK_FALSE(base64url_decode("Zg=="));
  CHECK_FALSE(base64url_decode("+//+"));
  CHECK_FALSE(base64url_decode("Z"));
}

TEST_CASE("base64 takes texts of any size") {
  std::string bytes;
  for (size_t size = 0; size < 10000; size += 937) {
    bytes.resize(size);
    for (size_t i = 0; i < size; ++i)
      bytes[i] = static_cast<char>((i * 131 + size) % 256);
    CAPTURE(size);
    CHECK(base64_decode(base64_encode(bytes)) == bytes);
    CHECK(base64url_decode(base64url_encode(bytes)) == bytes);
  }
}
