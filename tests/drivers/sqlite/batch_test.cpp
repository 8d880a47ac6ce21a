// How a batch becomes rows and its answer becomes text.

#include "drivers/sqlite/store.hpp"
#include "file.hpp"

namespace tollgate::sqlite_driver {
namespace {

TEST_CASE("a batch that comes again is answered as before and booked once") {
  const Folder folder;
  const std::shared_ptr<tg_sqlite> store = open_store(folder.file());
  REQUIRE(store != nullptr);
  const std::string batch =
      R"({"instance":"a","batch":1,"wall_ms":1795338000000,"entries":[)"
      R"({"kind":"reserve","reservation":"5","rule":"r","entity":"","measure":"money",)"
      R"("period":"lifetime","wall_ms":1795338000000,"amount":70,"limit":100},)"
      R"({"kind":"reserve","reservation":"6","rule":"r","entity":"","measure":"money",)"
      R"("period":"lifetime","wall_ms":1795338000000,"amount":70,"limit":100}]})";
  tg_bytes reply = {nullptr, 0};
  REQUIRE(tg_sqlite_apply(store.get(), bytes(batch), &reply, nullptr) == TG_OK);
  const std::string first = text(reply);
  CHECK(first.find(R"("refused":["6"])") != std::string::npos);
  REQUIRE(tg_sqlite_apply(store.get(), bytes(batch), &reply, nullptr) == TG_OK);
  CHECK(text(reply) == first);
  CHECK(number(folder.file(), "SELECT reserved FROM counter") == 70);
}

}  // namespace
}  // namespace tollgate::sqlite_driver
