#include "tollgate/redis.h"

#include <string_view>

#include "support/catch.hpp"

namespace {

tg_bytes bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

TEST_CASE("arguments are checked, and opening asks nobody") {
  tg_redis* store = nullptr;
  CHECK(tg_redis_open(bytes("redis://host"), nullptr, nullptr) == TG_E_INVALID);
  CHECK(tg_redis_open({nullptr, 0}, &store, nullptr) == TG_E_INVALID);
  CHECK(tg_redis_open(bytes("http://host"), &store, nullptr) == TG_E_INVALID);
  CHECK(store == nullptr);
  tg_bytes reply = {nullptr, 0};
  CHECK(tg_redis_apply(nullptr, bytes("{}"), &reply, nullptr) == TG_E_INVALID);
  REQUIRE(tg_redis_open(bytes("redis://127.0.0.1:1"), &store, nullptr) == TG_OK);
  CHECK(tg_redis_apply(store, bytes("{}"), nullptr, nullptr) == TG_E_INVALID);
  tg_error* error = nullptr;
  CHECK(tg_redis_apply(store, bytes("{}"), &reply, &error) == TG_E_INTERNAL);
  CHECK(tg_error_message(error).size != 0);
  tg_error_free(error);
  tg_redis_close(store);
  tg_redis_close(nullptr);
}

}  // namespace
