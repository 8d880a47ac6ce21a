#include "base/hmac_sha256.hpp"

#include <limits>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace tollgate {

Result<Sha256> hmac_sha256(std::string_view key, std::string_view data) {
  Sha256 digest{};
  unsigned size = 0;
  if (key.size() <= static_cast<size_t>(std::numeric_limits<int>::max()) &&
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data(),
           &size) != nullptr &&
      size == digest.size()) {
    return digest;
  }
  return Status(Code::kInternal, "the crypto library refused HMAC-SHA256");
}

}  // namespace tollgate
