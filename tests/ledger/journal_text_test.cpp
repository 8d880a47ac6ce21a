#include "ledger/journal_text.hpp"

#include "ledger/ledger.hpp"
#include "support/catch.hpp"

namespace tollgate::ledger {
namespace {

constexpr Time kNow{1'000, 1'795'338'000'000};

Charge charge(std::string_view rule, Measure measure, Period period) {
  Charge made;
  made.rule = rule;
  made.entity = "team:\"core\"";
  made.hash = charge_hash(text_hash(rule), text_hash(made.entity));
  made.measure = measure;
  made.period = period;
  if (measure == Measure::kMoney) made.window = window_at(period, kNow.wall_ms, Zone());
  made.limit = 100;
  made.need = 7;
  return made;
}

TEST_CASE("a batch says all that a store must know") {
  Ledger ledger;
  ledger.journal().enable();
  AdmissionRequest request;
  Charge audited = charge("audited", Measure::kMoney, Period::kLifetime);
  audited.force = Force::kCount;
  const std::vector<Charge> charges = {charge("day", Measure::kMoney, Period::kDay), audited,
                                       charge("minute", Measure::kTokens, Period::kMinute),
                                       charge("slots", Measure::kSlots, Period::kLifetime)};
  request.charges = charges;
  const auto admission = ledger.admit(request, kNow);
  REQUIRE(admission.ok());
  const std::string id = std::to_string(admission.value().reservation);
  const Batch batch = ledger.journal().take();
  const std::string head = R"({"kind":"reserve","reservation":")" + id + R"(","rule":)";
  const std::string entity = R"(,"entity":"team:\"core\"","measure":)";
  const std::string tail = R"("wall_ms":1795338000000,"amount":7)";
  CHECK(batch_text({"me", 3, kNow.wall_ms, true}, batch) ==
        R"({"instance":"me","batch":3,"wall_ms":1795338000000,"counters":true,"entries":[)" + head +
            R"("day")" + entity + R"("money","period":"day","start":1795305600000,)" +
            R"("end":1795392000000,)" + tail + R"(,"limit":100},)" + head + R"("audited")" +
            entity + R"("money","period":"lifetime",)" + tail + "}," + head + R"("minute")" +
            entity + R"("tokens","period":"minute","slides_ms":60000,)" + tail +
            R"(,"limit":100},)" + head + R"("slots")" + entity + R"("slots","period":"lifetime",)" +
            tail + R"(,"limit":100}]})");
}

TEST_CASE("an answer is read, or refused whole") {
  json::Document document;
  const auto good = read_reply(
      document,
      R"({"batch":3,"refused":["12"],"counters":[{"rule":"r","entity":"e","measure":"money",)"
      R"("period":"day","start":5,"end":9,"spent":40,"reserved":2},{"rule":"l","entity":"",)"
      R"("measure":"requests","period":"minute","start":0,"spent":1,"reserved":0,"room_ms":8}]})",
      3);
  REQUIRE(good.ok());
  CHECK(good.value().refused == std::vector<uint64_t>{12});
  REQUIRE(good.value().counters.size() == 2);
  const Outside& day = good.value().counters[0];
  CHECK(day.rule == "r");
  CHECK(day.window == Window{5, 9});
  CHECK(day.spent == 40);
  CHECK(day.reserved == 2);
  const Outside& minute = good.value().counters[1];
  CHECK(minute.window == Window{});
  CHECK(minute.room_in_ns == 8 * kMillisecond);
  for (
      const char* bad :
      {"", "[]", "{}", R"({"batch":2})", R"({"batch":3,"refused":["x"]})",
       R"({"batch":3,"refused":[7]})", R"({"batch":3,"counters":[{}]})",
       R"({"batch":3,"counters":[{"rule":"r","measure":"joy","period":"day","spent":1,"reserved":0}]})",
       R"({"batch":3,"counters":[{"rule":"r","measure":"money","period":"day","spent":-1,"reserved":0}]})"}) {
    INFO(bad);
    CHECK_FALSE(read_reply(document, bad, 3).ok());
  }
}

}  // namespace
}  // namespace tollgate::ledger
