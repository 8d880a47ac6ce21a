#pragma once

// A ledger's file in a folder that goes with the test.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>

#include "tollgate/sqlite.h"

#include "../kept_ledger.hpp"
#include "drivers/sqlite/statement.hpp"

namespace tollgate::sqlite_driver {

struct Folder {
  std::filesystem::path path;

  Folder() {
    static int made = 0;
    path = std::filesystem::temp_directory_path() /
           ("tollgate-sqlite-" + std::to_string(getpid()) + "-" + std::to_string(++made));
    std::filesystem::create_directories(path);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string file() const { return path / "ledger.db"; }
};

inline tg_bytes bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline std::string text(tg_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

inline std::shared_ptr<tg_sqlite> open_store(const std::string& file, std::string* why = nullptr,
                                             int32_t durability = TG_SQLITE_PROCESS) {
  tg_sqlite* store = nullptr;
  tg_error* error = nullptr;
  tg_sqlite_open(bytes(file), durability, drivers::kToday, &store, &error);
  if (why != nullptr) *why = text(tg_error_message(error));
  tg_error_free(error);
  return {store, tg_sqlite_close};
}

/// What a query finds in the file.
inline int64_t number(const std::string& file, const char* sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &database) == SQLITE_OK);
  int64_t found = 0;
  {
    Statement statement(database, sql);
    REQUIRE(statement.step());
    found = statement.integer(0);
  }
  sqlite3_close(database);
  return found;
}

inline drivers::Apply apply_to(const std::string& file, int32_t durability = TG_SQLITE_PROCESS) {
  const std::shared_ptr<tg_sqlite> store = open_store(file, nullptr, durability);
  REQUIRE(store != nullptr);
  return [store](std::string_view batch) {
    tg_bytes reply = {nullptr, 0};
    REQUIRE(tg_sqlite_apply(store.get(), bytes(batch), &reply, nullptr) == TG_OK);
    return text(reply);
  };
}

}  // namespace tollgate::sqlite_driver
