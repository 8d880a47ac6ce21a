#include "pricing/price_list.hpp"

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "base/time.hpp"
#include "pricing/price_table.hpp"
#include "support/catch.hpp"

namespace tollgate::pricing {
namespace {

int64_t day(std::string_view text) {
  int64_t wall_ms = 0;
  REQUIRE(parse_rfc3339(text, wall_ms));
  return wall_ms;
}

constexpr int64_t kToday = 1'795'305'600'000;  // 2026-11-22

/// Computes what each line of a file costs, and compares. Gives the number of models.
size_t check_costs(const std::string& path) {
  std::ifstream file(path);
  REQUIRE(file.is_open());
  std::set<std::string> models;
  std::string line;
  while (std::getline(file, line)) {
    CAPTURE(line);
    std::istringstream row(line);
    std::string type;
    std::string model;
    std::string region;
    std::string date;
    model::Usage usage;
    int fast = 0;
    std::string geo;
    std::string tier;
    int64_t expected = 0;
    model::Tokens& tokens = usage.tokens;
    row >> type >> model >> region >> date >> tokens.input >> tokens.cache_read >>
        tokens.cache_write_5m >> tokens.cache_write_1h >> tokens.output >> usage.web_searches >>
        fast >> geo >> tier >> expected;
    REQUIRE(!row.fail());
    usage.fast = fast == 1;
    if (geo != "-") usage.inference_geo = geo;
    if (tier != "-") usage.service_tier = tier;
    const std::optional<Price> price =
        listed_price({type, model, region == "-" ? "" : region}, day(date));
    REQUIRE(price.has_value());
    const PriceOf nobody = [](std::string_view) { return Price{}; };
    CHECK(cost(usage, *price, nobody).value == expected);
    models.insert(model);
  }
  return models.size();
}

TEST_CASE("every model of the list costs what fractions say") {
  CHECK(check_costs(TOLLGATE_SOURCE_DIR "/tests/pricing/golden_costs.tsv") >= 85);
}

// reference_costs.py runs it.
TEST_CASE("costs that another program has computed", "[.][costs_file]") {
  const char* path = std::getenv("TOLLGATE_COSTS_FILE");
  REQUIRE(path != nullptr);
  CHECK(check_costs(path) >= 30);
}

struct NameCase {
  const char* name;
  ModelName model;
  int64_t input;   ///< Femto-USD per token; 0: not listed.
  int32_t region;  ///< Percent.
};

const NameCase kNameCases[] = {
    {"as listed", {"anthropic", "claude-opus-4-8"}, 5'000'000'000, 100},
    {"with a date", {"anthropic", "claude-opus-4-8-20260801"}, 5'000'000'000, 100},
    {"an alias", {"anthropic", "claude-mythos-5-2"}, 8'000'000'000, 100},
    {"latest", {"anthropic", "claude-sonnet-5-latest"}, 2'000'000'000, 100},
    {"with Claude Code's context mark", {"anthropic", "claude-sonnet-4-6[1m]"}, 3'000'000'000, 100},
    {"a dashed date", {"openai", "gpt-5-2025-08-07"}, 1'250'000'000, 100},
    {"Azure", {"azure-openai", "gpt-5.4-mini"}, 750'000'000, 100},
    {"Claude on Foundry", {"azure-foundry", "claude-opus-5-5"}, 4'000'000'000, 100},
    {"GPT on Foundry", {"azure-foundry", "gpt-4.1"}, 2'000'000'000, 100},
    {"a global profile", {"aws-bedrock", "global.anthropic.claude-opus-5"}, 5'000'000'000, 100},
    {"a geographic profile", {"aws-bedrock", "eu.anthropic.claude-opus-5"}, 5'000'000'000, 110},
    {"in its region", {"aws-bedrock", "anthropic.claude-opus-5"}, 5'000'000'000, 110},
    {"a profile's ARN",
     {"aws-bedrock",
      "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-5"},
     5'000'000'000,
     110},
    {"an application's own profile",
     {"aws-bedrock", "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3"},
     0,
     100},
    {"on Bedrock, in its maker's list only",
     {"aws-bedrock", "us.anthropic.claude-opus-4-5-20251101-v1:0"},
     5'000'000'000,
     110},
    {"a Bedrock model of one region's price",
     {"aws-bedrock", "us.amazon.nova-pro-v1:0"},
     800'000'000,
     100},
    {"Vertex, global", {"google-vertex", "claude-opus-5@default", "global"}, 5'000'000'000, 100},
    {"Vertex, a region", {"google-vertex", "claude-opus-5", "us-east5"}, 5'000'000'000, 110},
    {"Vertex, in its maker's list only",
     {"google-vertex", "claude-haiku-4-5@20251001", "us-east5"},
     1'000'000'000,
     110},
    {"Gemini on Vertex", {"google-vertex", "gemini-2.5-pro", "us-central1"}, 1'250'000'000, 100},
    {"Gemini with its path", {"google-gemini", "models/gemini-2.5-flash"}, 300'000'000, 100},
    {"another provider's model", {"openai", "claude-opus-5"}, 0, 100},
    {"a kind of account without a list", {"self-hosted-model", "gpt-5"}, 0, 100},
    {"nothing", {"anthropic", ""}, 0, 100},
    {"a longer name", {"anthropic", "claude-opus-5-turbo"}, 0, 100},
};

TEST_CASE("a model is found under the names that providers give it") {
  for (const NameCase& row : kNameCases) {
    CAPTURE(row.name, row.model.model_id);
    const std::optional<Price> price = listed_price(row.model, kToday);
    REQUIRE(price.has_value() == (row.input != 0));
    if (!price) continue;
    CHECK(price->base.input.femto_usd_per_token == row.input);
    CHECK(price->modifiers.region == row.region);
  }
}

TEST_CASE("a price changes on its day and not before") {
  const ModelName model{"google-gemini", "gemini-4-argon"};
  CHECK(listed_price(model, day("2026-12-01") - 1)->base.output == Rate{10'000'000'000});
  CHECK(listed_price(model, day("2026-12-01"))->base.output == Rate{20'000'000'000});
}

TEST_CASE("the dearest price is above every price of its provider") {
  for (const std::string_view type : {"anthropic", "openai", "aws-bedrock", "self-hosted-model"}) {
    const ModelName unknown{type, "nobody-knows"};
    const Price dearest = dearest_price(unknown, kToday);
    for (const ListedPrice& row : price_table()) {
      if (!list_provider(unknown).empty() && row.provider != list_provider(unknown)) continue;
      if (row.from_ms > kToday) continue;
      CAPTURE(type, row.model);
      for (const Rates* rates : {&row.rates, &row.tier_rates}) {
        CHECK(dearest.base.input.femto_usd_per_token >= rates->input.femto_usd_per_token);
        CHECK(dearest.base.output.femto_usd_per_token >= rates->output.femto_usd_per_token);
      }
    }
  }
}

TEST_CASE("no model is listed twice at one moment") {
  std::set<std::tuple<std::string_view, std::string_view, int64_t>> seen;
  for (const ListedPrice& row : price_table()) {
    CAPTURE(row.provider, row.model);
    CHECK(seen.emplace(row.provider, row.model, row.from_ms).second);
    CHECK(row.rates.input.femto_usd_per_token > 0);
  }
}

}  // namespace
}  // namespace tollgate::pricing
