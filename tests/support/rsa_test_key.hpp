#pragma once

#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "support/catch.hpp"

namespace tollgate::test {

/// A key made for this run; none is kept in the project, where it would look like a lost one.
struct RsaTestKey {
  std::string private_pem;
  std::string modulus;
  std::string exponent;
};

inline std::string key_number(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  REQUIRE(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  std::string bytes(static_cast<size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  BN_free(number);
  return bytes;
}

inline const RsaTestKey& rsa_test_key() {
  static const RsaTestKey made = [] {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_RSA_gen(2048), EVP_PKEY_free);
    REQUIRE(key);
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    REQUIRE(PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                          nullptr) == 1);
    RsaTestKey result;
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    result.private_pem.assign(text, static_cast<size_t>(size));
    result.modulus = key_number(key.get(), OSSL_PKEY_PARAM_RSA_N);
    result.exponent = key_number(key.get(), OSSL_PKEY_PARAM_RSA_E);
    return result;
  }();
  return made;
}

}  // namespace tollgate::test
