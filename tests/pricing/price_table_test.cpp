#include "pricing/price_table.hpp"

#include <string>

#include "support/catch.hpp"

using namespace tollgate;

TEST_CASE("rows of one model stand together, earliest first") {
  const auto rows = pricing::price_table();
  REQUIRE(rows.size() > 30);
  std::string before;
  int64_t from_ms = 0;
  std::vector<std::string> seen;
  for (const pricing::ListedPrice& row : rows) {
    const std::string name = std::string(row.provider) + "/" + std::string(row.model);
    CAPTURE(name);
    if (name == before) {
      CHECK(row.from_ms > from_ms);
    } else {
      CHECK(std::find(seen.begin(), seen.end(), name) == seen.end());
      seen.push_back(name);
    }
    CHECK(row.rates.input.femto_usd_per_token >= 0);
    CHECK(row.rates.output.femto_usd_per_token >= row.rates.input.femto_usd_per_token);
    before = name;
    from_ms = row.from_ms;
  }
}

TEST_CASE("the list says of what day it is and what a search costs") {
  CHECK(pricing::price_table_date().size() == 10);
  CHECK(pricing::web_search_nano_usd() > 0);
}
