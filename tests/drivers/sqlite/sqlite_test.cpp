#include "tollgate/sqlite.h"

#include "file.hpp"

namespace tollgate::sqlite_driver {
namespace {

TEST_CASE("arguments are checked") {
  const Folder folder;
  const std::string file = folder.file();
  tg_sqlite* store = nullptr;
  CHECK(tg_sqlite_open(bytes(file), 0, 1, nullptr, nullptr) == TG_E_INVALID);
  CHECK(tg_sqlite_open({nullptr, 0}, 0, 1, &store, nullptr) == TG_E_INVALID);
  CHECK(tg_sqlite_open(bytes(file), 7, 1, &store, nullptr) == TG_E_INVALID);
  CHECK(tg_sqlite_open(bytes(std::string(5'000, 'a')), 0, 1, &store, nullptr) == TG_E_INVALID);
  CHECK(store == nullptr);
  tg_bytes reply = {nullptr, 0};
  CHECK(tg_sqlite_apply(nullptr, bytes("{}"), &reply, nullptr) == TG_E_INVALID);
  REQUIRE(tg_sqlite_open(bytes(file), TG_SQLITE_POWER_LOSS, 1, &store, nullptr) == TG_OK);
  CHECK(tg_sqlite_apply(store, bytes("{}"), nullptr, nullptr) == TG_E_INVALID);
  tg_sqlite_close(store);
  tg_sqlite_close(nullptr);
}

TEST_CASE("what is no batch is refused and changes nothing") {
  const Folder folder;
  const std::shared_ptr<tg_sqlite> store = open_store(folder.file());
  for (const std::string_view batch :
       {"", "[", "{}", R"({"instance":"","batch":1})", R"({"instance":"a","batch":0})"}) {
    INFO(batch);
    tg_bytes reply = {nullptr, 0};
    tg_error* error = nullptr;
    CHECK(tg_sqlite_apply(store.get(), bytes(batch), &reply, &error) == TG_E_INVALID);
    CHECK(tg_error_message(error).size != 0);
    tg_error_free(error);
  }
  CHECK(number(folder.file(), "SELECT count(*) FROM instance") == 0);
}

}  // namespace
}  // namespace tollgate::sqlite_driver
