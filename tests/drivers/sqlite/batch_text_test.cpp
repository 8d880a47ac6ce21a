#include "drivers/sqlite/batch_text.hpp"

#include <stdexcept>
#include <string>

#include "ledger/journal_text.hpp"
#include "support/catch.hpp"

namespace tollgate::sqlite_driver {
namespace {

TEST_CASE("what the journal writes is read back") {
  ledger::Scope month;
  month.rule = "budget/\"odd\"\\\n\x01";
  month.entity = "gr\xc3\xbc\xc3\x9f-\xf0\x9f\x8c\x8d";
  month.measure = Measure::kMoney;
  month.period = Period::kMonth;
  ledger::Entry entry;
  entry.kind = ledger::EntryKind::kSettle;
  entry.reservation = UINT64_MAX;
  entry.scope = &month;
  entry.window = {5, 900};
  entry.wall_ms = 7;
  entry.amount = INT64_MAX;
  entry.overrun = 3;
  entry.note = "a note";
  ledger::Batch batch;
  batch.entries.push_back(entry);
  entry.kind = ledger::EntryKind::kReserve;
  entry.amount = -4;
  entry.overrun = 0;
  entry.limit = 12;
  month.period = Period::kLifetime;
  entry.window = {INT64_MIN, INT64_MAX};
  entry.note.clear();
  batch.entries.push_back(entry);
  const BatchText read = read_batch(ledger::batch_text({"me", 4, 70, true}, batch));
  CHECK(read.instance == "me");
  CHECK(read.batch == 4);
  CHECK(read.wall_ms == 70);
  CHECK(read.wants_counters);
  REQUIRE(read.entries.size() == 2);
  const BatchEntry& first = read.entries[0];
  CHECK(first.kind == "settle");
  CHECK(first.reservation == "18446744073709551615");
  CHECK(first.counter.rule == month.rule);
  CHECK(first.counter.entity == month.entity);
  CHECK(first.counter.measure == "money");
  CHECK(first.counter.start_ms == 5);
  CHECK(first.counter.end_ms == 900);
  CHECK(first.counter.slides_ms == 0);
  CHECK(first.wall_ms == 7);
  CHECK(first.amount == INT64_MAX);
  CHECK(first.overrun == 3);
  CHECK(first.limit == INT64_MAX);
  CHECK(first.note == "a note");
  const BatchEntry& second = read.entries[1];
  CHECK(second.counter.start_ms == 0);
  CHECK(second.counter.end_ms == INT64_MAX);
  CHECK(second.limit == 12);
  CHECK(second.amount == -4);
}

TEST_CASE("other spellings and members of later versions do no harm") {
  const BatchText read = read_batch(
      " {\"later\" : {\"a\":[1,\"}\",{}]}, \"word\":null,\"batch\":1 ,\"instance\":\"i\","
      "\"entries\":[ {\"kind\":\"reserve\",\"new\":-1.5e3,\"rule\":\"\\u00fc\\ud83c\\udf0d\\/\","
      "\"measure\":\"tokens\"} ] , \"last\": [ ] } ");
  REQUIRE(read.entries.size() == 1);
  CHECK(read.entries[0].counter.rule == "\xc3\xbc\xf0\x9f\x8c\x8d/");
}

TEST_CASE("what is no batch is refused") {
  for (const char* text : {"",
                           "{",
                           "[]",
                           "{}",
                           "null",
                           R"({"instance":"a"})",
                           R"({"batch":1,"instance":""})",
                           R"({"batch":"1","instance":"a"})",
                           R"({"batch":1.5,"instance":"a"})",
                           R"({"batch":99999999999999999999,"instance":"a"})",
                           R"({"batch":1,"instance":"a"}x)",
                           R"({"batch":1,"instance":"a","x":})",
                           R"({"batch":1,"instance":"\ud800"})",
                           R"({"batch":1,"instance":"\udc00"})",
                           R"({"batch":1,"instance":"\ud800\u0041"})",
                           R"({"batch":1,"instance":"\u12"})",
                           R"({"batch":1,"instance":"\x"})",
                           R"({"batch":1,"instance":"a)",
                           R"({"batch":1,"instance":"a","entries":{}})",
                           R"({"batch":1,"instance":"a","entries":[1]})",
                           R"({"batch":1,"instance":"a","entries":[{}]})",
                           R"({"batch":1,"instance":"a","counters":1})"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(read_batch(text), std::invalid_argument);
  }
}

TEST_CASE("no cut of a batch is read as one") {
  const std::string whole =
      R"({"instance":"a","batch":1,"entries":[{"kind":"settle","rule":"r\n","measure":"money"}]})";
  REQUIRE(read_batch(whole).entries.size() == 1);
  for (size_t size = 0; size < whole.size(); ++size)
    CHECK_THROWS_AS(read_batch(whole.substr(0, size)), std::invalid_argument);
}

}  // namespace
}  // namespace tollgate::sqlite_driver
