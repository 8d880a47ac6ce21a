#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

const FindingCase kCases[] = {
    {"one price",
     "type: price-list\nprices: [{model: a, per_1000_tokens: {input: 1, output: 2}}]\n", ""},
    {"no prices", "type: price-list\n", "t.yaml:1:1: prices: is required\n"},
    {"no model", "type: price-list\nprices: [{per_1000_tokens: {input: 1, output: 2}}]\n",
     "t.yaml:2:10: prices[0].model: is required\n"},
    {"no unit", "type: price-list\nprices: [{model: a}]\n",
     "t.yaml:2:10: prices[0]: must have one of per_1000_tokens and per_million_tokens\n"},
    {"two units",
     "type: price-list\nprices: [{model: a, per_1000_tokens: {input: 1, output: 2}, "
     "per_million_tokens: {input: 1, output: 2}}]\n",
     "t.yaml:2:10: prices[0]: must have one of per_1000_tokens and per_million_tokens\n"},
    {"no date",
     "type: price-list\nprices: [{model: a, from: soon, per_1000_tokens: {input: 1, output: 2}}]\n",
     "t.yaml:2:27: prices[0].from: must be a date as 2026-12-31 or 2026-12-31T18:00:00Z\n"},
    {"an unknown key",
     "type: price-list\nprices: [{modell: a, per_1000_tokens: {input: 1, output: 2}}]\n",
     "t.yaml:2:10: prices[0].model: is required\n"
     "t.yaml:2:11: prices[0].modell: unknown key (did you mean model?)\n"},
};

TEST_CASE("price lists are read strictly") {
  for (const FindingCase& row : kCases) {
    CAPTURE(row.name);
    CHECK(findings_of(load_text(row.text)) == row.findings);
  }
}

}  // namespace
}  // namespace tollgate::config
