#pragma once

// Where budgets and limits outlive the process, and what several processes share them through.

#include <optional>
#include <string>
#include <string_view>

#include "tollgate/redis.h"
#include "tollgate/sqlite.h"

namespace tollgate::server {

/// The ledger's store that `state` names. One thread at a time; its calls may block.
class LedgerStore {
 public:
  LedgerStore() = default;
  ~LedgerStore() {
    tg_sqlite_close(sqlite_);
    tg_redis_close(redis_);
  }
  LedgerStore(const LedgerStore&) = delete;
  LedgerStore& operator=(const LedgerStore&) = delete;

  /// `state` is a file's name, or redis://HOST:PORT/DATABASE. False with a reason for people.
  bool open(const std::string& state, tg_sqlite_durability durability, std::string& reason);
  bool is_open() const { return sqlite_ != nullptr || redis_ != nullptr; }

  /// The store's answer, valid until the next call; nothing when it failed.
  std::optional<std::string_view> apply(std::string_view batch, std::string& reason);

 private:
  tg_sqlite* sqlite_ = nullptr;  ///< One of the two.
  tg_redis* redis_ = nullptr;
};

}  // namespace tollgate::server
