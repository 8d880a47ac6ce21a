#include "base/sha256.hpp"

#include <memory>

#include <openssl/evp.h>

namespace tollgate {
namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Looking the algorithm up costs as much as hashing a token, so it is done once. It is never
/// freed: threads may still hash while the process ends.
const EVP_MD* algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  // Where there is none to fetch, every use fails as it would have.
  return fetched != nullptr ? fetched : EVP_sha256();
}

}  // namespace

Result<Sha256> sha256(std::string_view data) {
  Sha256 digest{};
  if (EVP_Digest(data.data(), data.size(), digest.data(), nullptr, algorithm(), nullptr) != 1) {
    return Status(Code::kInternal, "the crypto library refused SHA-256");
  }
  return digest;
}

Result<Sha256> sha256(const tg_bytes* pieces, size_t count) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   &EVP_MD_CTX_free);
  bool done = context != nullptr && EVP_DigestInit_ex(context.get(), algorithm(), nullptr) == 1;
  for (size_t i = 0; i < count && done; ++i)
    done = EVP_DigestUpdate(context.get(), pieces[i].data, pieces[i].size) == 1;
  Sha256 digest{};
  if (done && EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1) return digest;
  return Status(Code::kInternal, "the crypto library refused SHA-256");
}

std::string to_hex(const Sha256& digest) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(digest.size() * 2);
  for (const uint8_t byte : digest) {
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 15]);
  }
  return hex;
}

bool from_hex(std::string_view hex, Sha256& digest) {
  if (hex.size() != digest.size() * 2) return false;
  for (size_t i = 0; i < digest.size(); ++i) {
    const int high = digit_of(hex[2 * i]);
    const int low = digit_of(hex[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    digest[i] = static_cast<uint8_t>(high * 16 + low);
  }
  return true;
}

}  // namespace tollgate
