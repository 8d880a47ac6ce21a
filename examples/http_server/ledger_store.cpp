#include "ledger_store.hpp"

#include "bytes.hpp"
#include "host.hpp"

namespace tollgate::server {

bool LedgerStore::open(const std::string& state, tg_sqlite_durability durability,
                       std::string& reason) {
  tg_error* failed = nullptr;
  const bool redis = state.starts_with("redis:") || state.starts_with("rediss:");
  const tg_status status =
      redis ? tg_redis_open(to_bytes(state), &redis_, &failed)
            : tg_sqlite_open(to_bytes(state), durability, now().wall_ms, &sqlite_, &failed);
  const Owned<tg_error> error(failed);
  if (status == TG_OK) return true;
  // A URL may hold a password.
  reason = "state" + (redis ? std::string() : " " + state) + ": " + std::string(message_of(failed));
  return false;
}

std::optional<std::string_view> LedgerStore::apply(std::string_view batch, std::string& reason) {
  tg_bytes reply = {nullptr, 0};
  tg_error* failed = nullptr;
  const tg_status status = redis_ != nullptr
                               ? tg_redis_apply(redis_, to_bytes(batch), &reply, &failed)
                               : tg_sqlite_apply(sqlite_, to_bytes(batch), &reply, &failed);
  const Owned<tg_error> error(failed);
  if (status == TG_OK) return to_view(reply);
  reason = message_of(failed);
  return std::nullopt;
}

}  // namespace tollgate::server
