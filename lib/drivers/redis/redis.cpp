#include "tollgate/redis.h"

#include <memory>
#include <new>
#include <string>
#include <string_view>

#include "drivers/redis/store.hpp"

struct tg_redis {
  explicit tg_redis(tollgate::redis_driver::Url url) : store(std::move(url)) {}
  tollgate::redis_driver::Store store;
};

namespace {

tg_bytes bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

tg_status fail(tg_error** error, tg_status status, std::string_view message) {
  if (error != nullptr) *error = tg_error_create(status, bytes(message), {nullptr, 0});
  return status;
}

template <typename Body>
tg_status guard(tg_error** error, const Body& body) {
  if (error != nullptr) *error = nullptr;
  try {
    return body();
  } catch (const tollgate::redis_driver::Failure& failure) {
    return fail(error, TG_E_INTERNAL, failure.what());
  } catch (const std::bad_alloc&) {
    return TG_E_NOMEM;
  } catch (const std::exception& what) {
    return fail(error, TG_E_INVALID, what.what());
  }
}

}  // namespace

tg_status tg_redis_open(tg_bytes url, tg_redis** store, tg_error** error) {
  if (store != nullptr) *store = nullptr;
  return guard(error, [&]() -> tg_status {
    if (store == nullptr || url.data == nullptr) {
      return fail(error, TG_E_INVALID, "an argument is NULL");
    }
    tollgate::redis_driver::Url read;
    std::string reason;
    if (!tollgate::redis_driver::parse_url({reinterpret_cast<const char*>(url.data), url.size},
                                           read, reason)) {
      return fail(error, TG_E_INVALID, reason);
    }
    *store = std::make_unique<tg_redis>(std::move(read)).release();
    return TG_OK;
  });
}

tg_status tg_redis_apply(tg_redis* store, tg_bytes batch, tg_bytes* reply, tg_error** error) {
  if (reply != nullptr) *reply = {nullptr, 0};
  return guard(error, [&]() -> tg_status {
    if (store == nullptr || reply == nullptr || batch.data == nullptr) {
      return fail(error, TG_E_INVALID, "an argument is NULL");
    }
    *reply = bytes(store->store.apply({reinterpret_cast<const char*>(batch.data), batch.size}));
    return TG_OK;
  });
}

void tg_redis_close(tg_redis* store) {
  delete store;
}
