#include "base/sha256.hpp"

#include "base/bytes.hpp"
#include "support/catch.hpp"

namespace tollgate {
namespace {

TEST_CASE("SHA-256 of the standard's examples") {
  CHECK(to_hex(sha256("").value()) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(sha256("abc").value()) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("SHA-256 of pieces is that of the whole") {
  const tg_bytes pieces[] = {bytes_of("a"), bytes_of(""), bytes_of("bc")};
  CHECK(to_hex(sha256(pieces, 3).value()) == to_hex(sha256("abc").value()));
  CHECK(to_hex(sha256(nullptr, 0).value()) == to_hex(sha256("").value()));
}

TEST_CASE("hexadecimal is read in either case and nothing else is") {
  Sha256 digest{};
  const std::string hex = to_hex(sha256("abc").value());
  REQUIRE(from_hex(hex, digest));
  CHECK(to_hex(digest) == hex);
  std::string upper = hex;
  for (char& c : upper)
    c = c >= 'a' ? static_cast<char>(c - 32) : c;
  CHECK(from_hex(upper, digest));
  CHECK_FALSE(from_hex(hex.substr(1), digest));
  CHECK_FALSE(from_hex(std::string(64, 'g'), digest));
}

}  // namespace
}  // namespace tollgate
