#include "base/rsa_sign.hpp"

#include <limits>
#include <memory>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/openssl_freed.hpp"

namespace tollgate {
namespace {

using Input = std::unique_ptr<BIO, Freed<BIO_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

/// A key that wants a passphrase is refused: without this OpenSSL would ask the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

Key read_key(std::string_view pem) {
  if (pem.size() > static_cast<size_t>(std::numeric_limits<int>::max())) return nullptr;
  const Input input(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!input) return nullptr;
  return Key(PEM_read_bio_PrivateKey(input.get(), nullptr, no_passphrase, nullptr));
}

}  // namespace

Result<std::string> sign_rs256(std::string_view private_key_pem, std::string_view data) {
  const Key key = read_key(private_key_pem);
  // What OpenSSL remembers of a failure would surface in somebody else's TLS.
  ERR_clear_error();
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    return invalid("the private key is no RSA key in PEM");
  }
  const DigestContext context(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  size_t size = 0;
  std::string signature;
  bool ok = context &&
            EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
            EVP_DigestSign(context.get(), nullptr, &size, bytes, data.size()) == 1;
  if (ok) {
    signature.resize(size);
    ok = EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                        bytes, data.size()) == 1;
  }
  ERR_clear_error();
  if (!ok) return Status(Code::kInternal, "the crypto library refused to sign");
  signature.resize(size);
  return signature;
}

}  // namespace tollgate
