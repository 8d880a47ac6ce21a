#include "left_table.hpp"

#include "support/catch.hpp"

namespace tollgate::server {
namespace {

constexpr const char* kAnswer = R"({"principal":"user:ann@corp.example","matched":[
 {"name":"dev-daily","type":"tenant-budget-config","team_name":null,"applies_to":"per-user",
  "mode":"enforce","entities":[{"entity":"{user:ann@corp.example}","periods":{
   "cost_per_day":{"limit":10.000000000,"used":2.418300000,"reserved":0.310000000,"percentage":24.18,
    "start":1795305600,"end":1795392000,"is_blocked":false},
   "cost_per_lifetime":{"limit":2.500000000,"used":2.5,"reserved":0.000000000,"percentage":100,
    "start":null,"end":null,"is_blocked":true}}}]}],
 "rate_limits":[
 {"name":"pace","type":"gateway-rate-limiting-config","applies_to":"aggregate","mode":"audit",
  "entities":[{"entity":"{aggregate}","limits":{
   "requests_per_minute":{"limit":60,"used":7,"reserved":0,"percentage":11.66,"start":1795337940,
    "end":1795338060,"is_blocked":false},
   "concurrent_requests":{"limit":4,"used":1,"percentage":25,"start":null,"end":null,
    "is_blocked":false}}}]}]})";

TEST_CASE("what is left has a line for each counter of budgets and rate limits") {
  const auto table = left_table(kAnswer);
  REQUIRE(table);
  CHECK(*table ==
        "name       entity                   limit                  used  reserved    of  state    "
        "free at\n"
        "dev-daily  {user:ann@corp.example}  cost_per_day         2.4183      0.31  10.0  enforce  "
        "2026-11-23 00:00Z\n"
        "dev-daily  {user:ann@corp.example}  cost_per_lifetime       2.5       0.0   2.5  gone     "
        "-\n"
        "pace       {aggregate}              requests_per_minute       7         0    60  audit    "
        "2026-11-22 09:01Z\n"
        "pace       {aggregate}              concurrent_requests       1         -     4  audit    "
        "-\n");
}

TEST_CASE("what is no answer of that kind is said to be none") {
  for (const char* text : {"", "{}", "[]", R"({"matched":1})", "{\"matched\":[", "<html>"}) {
    CAPTURE(text);
    CHECK_FALSE(left_table(text));
  }
  CHECK(left_table(R"({"principal":"user:x","matched":[],"rate_limits":[]})") ==
        "No budget or rate limit applies.\n");
  // A gateway of before rate limits were told.
  CHECK(left_table(R"({"matched":[]})") == "No budget or rate limit applies.\n");
}

}  // namespace
}  // namespace tollgate::server
