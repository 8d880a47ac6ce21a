#include "base/secret.hpp"

#include <openssl/crypto.h>

namespace tollgate {

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    std::string copy = other.value_;
    wipe();
    value_ = std::move(copy);
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    value_ = std::move(other.value_);
    other.wipe();
  }
  return *this;
}

void Secret::wipe() noexcept {
  // The whole capacity: a moved-from short string still holds its bytes.
  if (value_.capacity() > 0) OPENSSL_cleanse(value_.data(), value_.capacity());
  value_.clear();
}

}  // namespace tollgate
