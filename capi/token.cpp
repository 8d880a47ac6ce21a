#include "tollgate/token.h"

#include <cstring>

#include "base/sha256.hpp"
#include "capi/guard.hpp"

tg_status tg_token_hash(tg_bytes token, char hex[TG_TOKEN_HASH_SIZE]) {
  return tollgate::capi::guard(nullptr, [&]() -> tollgate::Status {
    if (token.data == nullptr || token.size == 0 || hex == nullptr) {
      return tollgate::invalid("the token is empty");
    }
    const auto digest = tollgate::sha256(tollgate::capi::view(token));
    if (!digest.ok()) return digest.status();
    const std::string text = tollgate::to_hex(digest.value());
    std::memcpy(hex, text.c_str(), text.size() + 1);
    return tollgate::Status();
  });
}
