#include "tollgate/sqlite.h"

#include <memory>
#include <new>
#include <string>
#include <string_view>

#include "drivers/sqlite/store.hpp"

struct tg_sqlite {
  tg_sqlite(const std::string& path, bool survives_power_loss, int64_t wall_ms)
      : store(path, survives_power_loss, wall_ms) {}
  tollgate::sqlite_driver::Store store;
};

namespace {

using tollgate::sqlite_driver::Failure;

constexpr size_t kPathBytesMax = 4'096;

tg_bytes bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

tg_status fail(tg_error** error, tg_status status, const std::string& message) {
  if (error != nullptr) *error = tg_error_create(status, bytes(message), {nullptr, 0});
  return status;
}

/// Faults of the file that another file would not have; anything else is the machine's.
bool is_file_s_fault(int code) {
  const int primary = code & 0xff;
  return primary == SQLITE_NOTADB || primary == SQLITE_CANTOPEN || primary == SQLITE_PERM ||
         primary == SQLITE_READONLY;
}

template <typename Body>
tg_status guard(tg_error** error, const Body& body) {
  if (error != nullptr) *error = nullptr;
  try {
    return body();
  } catch (const Failure& failure) {
    const tg_status status = is_file_s_fault(failure.code) ? TG_E_INVALID : TG_E_INTERNAL;
    return fail(error, status, std::string("the ledger's file: ") + failure.what());
  } catch (const std::bad_alloc&) {
    return TG_E_NOMEM;
  } catch (const std::exception& what) {
    return fail(error, TG_E_INVALID, what.what());
  }
}

}  // namespace

tg_status tg_sqlite_open(tg_bytes path, int32_t durability, int64_t wall_ms, tg_sqlite** store,
                         tg_error** error) {
  if (store != nullptr) *store = nullptr;
  return guard(error, [&]() -> tg_status {
    if (store == nullptr || path.data == nullptr || path.size == 0) {
      return fail(error, TG_E_INVALID, "an argument is NULL or empty");
    }
    const std::string name(reinterpret_cast<const char*>(path.data), path.size);
    if (name.size() > kPathBytesMax || name.find('\0') != std::string::npos) {
      return fail(error, TG_E_INVALID, "path is no file name");
    }
    if (durability != TG_SQLITE_POWER_LOSS && durability != TG_SQLITE_PROCESS) {
      return fail(error, TG_E_INVALID, "durability is unknown");
    }
    *store =
        std::make_unique<tg_sqlite>(name, durability == TG_SQLITE_POWER_LOSS, wall_ms).release();
    return TG_OK;
  });
}

tg_status tg_sqlite_apply(tg_sqlite* store, tg_bytes batch, tg_bytes* reply, tg_error** error) {
  if (reply != nullptr) *reply = {nullptr, 0};
  return guard(error, [&]() -> tg_status {
    if (store == nullptr || reply == nullptr || batch.data == nullptr) {
      return fail(error, TG_E_INVALID, "an argument is NULL");
    }
    *reply = bytes(store->store.apply({reinterpret_cast<const char*>(batch.data), batch.size}));
    return TG_OK;
  });
}

void tg_sqlite_close(tg_sqlite* store) {
  delete store;
}
