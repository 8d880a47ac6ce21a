#include "base/rsa_sign.hpp"

#include "base/public_key.hpp"
#include "support/catch.hpp"
#include "support/rsa_test_key.hpp"

namespace tollgate {
namespace {

TEST_CASE("a signature is one the public key takes") {
  const test::RsaTestKey& key = test::rsa_test_key();
  const Result<std::string> signature = sign_rs256(key.private_pem, "some text");
  REQUIRE(signature.ok());
  CHECK(signature.value().size() == 256);
  CHECK(verify_rs256(key.modulus, key.exponent, "some text", signature.value()));
  CHECK_FALSE(verify_rs256(key.modulus, key.exponent, "other text", signature.value()));
  CHECK(sign_rs256(key.private_pem, "some text").value() == signature.value());
}

TEST_CASE("what is no private RSA key is refused without being quoted") {
  for (const std::string& pem :
       {std::string(), std::string("secret"),
        std::string("-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n"),
        std::string("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE "
                    "KEY-----\n"),
        test::rsa_test_key().private_pem.substr(0, 400)}) {
    const Result<std::string> signature = sign_rs256(pem, "text");
    REQUIRE_FALSE(signature.ok());
    CHECK(signature.status().code() == Code::kInvalid);
    CHECK(signature.status().message().find("secret") == std::string::npos);
  }
}

}  // namespace
}  // namespace tollgate
