#include "config/cost.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "pricing/price_table.hpp"

namespace tollgate::config {
namespace {

constexpr int64_t kWholePrice = 1'000'000;
constexpr int64_t kThousand = 1'000;
constexpr size_t kTiersMax = 32;

struct Step {
  int64_t from = 0;
  pricing::Rate rate;
};

/// One kind of token: its price, and what it costs from some prompt length on.
struct PriceLine {
  std::optional<pricing::Rate> base;
  std::vector<Step> steps;

  /// The rate for prompts above `tokens`.
  std::optional<pricing::Rate> at(int64_t tokens) const {
    std::optional<pricing::Rate> rate = base;
    for (const Step& step : steps) {
      if (step.from <= tokens) rate = step.rate;
    }
    return rate;
  }
};

std::optional<pricing::Rate> read_rate(Reading& reading, const Value& value, int64_t unit,
                                       Discount discount) {
  const std::optional<std::string> text = read_decimal(reading, value);
  if (!text) return std::nullopt;
  const Result<pricing::Rate> rate = pricing::parse_rate(*text, unit);
  if (!rate.ok()) {
    reading.report.error(value.place(), rate.status().message());
    return std::nullopt;
  }
  return pricing::discounted(rate.value(), discount);
}

std::vector<Step> read_steps(StrictMapping& prices, std::string_view key, Discount discount) {
  Reading& reading = prices.reading();
  std::vector<Step> steps;
  const std::vector<Value> items = prices.list(key);
  if (items.size() > kTiersMax) {
    reading.report.error(items[kTiersMax].place(), "more than 32 tiers");
    return steps;
  }
  for (const Value& item : items) {
    StrictMapping tier(reading, item);
    const std::optional<Value> from = tier.require("from");
    const std::optional<Value> cost = tier.require("cost_per_token");
    tier.done();
    Step step;
    if (!from || !cost) continue;
    step.from = read_integer(reading, *from, 0, 1'000'000'000).value_or(0);
    const std::optional<pricing::Rate> rate = read_rate(reading, *cost, 1, discount);
    if (!rate) continue;
    step.rate = *rate;
    if (!steps.empty() && steps.back().from >= step.from) {
      reading.report.error(from->place(), "tiers must stand in rising order of from");
      continue;
    }
    steps.push_back(step);
  }
  return steps;
}

PriceLine read_line(StrictMapping& prices, std::string_view key, std::string_view tiers_key,
                    Discount discount, int64_t unit) {
  PriceLine line;
  const std::optional<Value> value = prices.take(key);
  if (value) line.base = read_rate(prices.reading(), *value, unit, discount);
  line.steps = read_steps(prices, tiers_key, discount);
  return line;
}

struct PriceLines {
  PriceLine input;
  PriceLine output;
  PriceLine cache_read;
  PriceLine cache_write;
  PriceLine cache_write_1h;

  /// A cache price nobody gave is the input price; hour-long writes cost what short ones do.
  pricing::Rates at(int64_t tokens) const {
    pricing::Rates rates;
    rates.input = input.at(tokens).value_or(pricing::Rate{});
    rates.output = output.at(tokens).value_or(pricing::Rate{});
    rates.cache_read = cache_read.at(tokens).value_or(rates.input);
    rates.cache_write_5m = cache_write.at(tokens).value_or(rates.input);
    rates.cache_write_1h = cache_write_1h.at(tokens).value_or(rates.cache_write_5m);
    return rates;
  }
};

pricing::Price combine(const PriceLines& lines) {
  std::vector<int64_t> thresholds;
  for (const PriceLine* line : {&lines.input, &lines.output, &lines.cache_read, &lines.cache_write,
                                &lines.cache_write_1h}) {
    for (const Step& step : line->steps)
      thresholds.push_back(step.from);
  }
  std::sort(thresholds.begin(), thresholds.end());
  thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
  pricing::Price price;
  price.base = lines.at(-1);
  price.web_search = NanoUsd{pricing::web_search_nano_usd()};
  for (const int64_t from : thresholds)
    price.tiers.push_back({from, lines.at(from)});
  return price;
}

}  // namespace

std::optional<pricing::Price> read_prices(Reading& reading, const Value& value, Discount discount,
                                          int64_t tokens_per_unit) {
  StrictMapping prices(reading, value);
  if (!prices.valid()) return std::nullopt;
  const auto line = [&](std::string_view key, std::string_view tiers_key) {
    return read_line(prices, key, tiers_key, discount, tokens_per_unit);
  };
  PriceLines lines;
  lines.input = line("input", "input_tiers");
  lines.output = line("output", "output_tiers");
  lines.cache_read = line("cache_read", "cache_read_tiers");
  lines.cache_write = line("cache_write", "cache_write_tiers");
  lines.cache_write_1h = line("cache_write_1h", "cache_write_1h_tiers");
  const bool has_input = prices.require("input").has_value();
  const bool has_output = prices.require("output").has_value();
  prices.done();
  if (!has_input || !has_output) return std::nullopt;
  return combine(lines);
}

Discount read_discount(StrictMapping& account) {
  Reading& reading = account.reading();
  const std::optional<Value> value = account.take("discount_percent");
  const std::optional<std::string> text = value ? read_decimal(reading, *value) : std::nullopt;
  if (!text) return {};
  const size_t point = std::min(text->find('.'), text->size());
  std::string digits = text->substr(0, point);
  const std::string part = point < text->size() ? text->substr(point + 1) : std::string();
  digits += part + std::string(4 - std::min<size_t>(part.size(), 4), '0');
  Discount discount;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), discount.ten_thousandths);
  if (part.size() > 4 || error != std::errc{} || end != digits.data() + digits.size() ||
      discount.ten_thousandths < 0 || discount.ten_thousandths > kWholePrice) {
    reading.report.error(value->place(),
                         "must be a percentage from 0 to 100 with up to four "
                         "decimals");
    return {};
  }
  return discount;
}

Cost read_cost(Reading& reading, const Value& value, Discount discount) {
  Cost cost;
  StrictMapping mapping(reading, value);
  if (!mapping.valid()) return cost;
  const std::optional<Value> short_form = mapping.take("per_1000_tokens");
  if (short_form) {
    cost.price = read_prices(reading, *short_form, discount, kThousand);
  } else {
    const std::optional<size_t> metric =
        mapping.choice("metric", {"public_cost", "per_1000_tokens"});
    if (metric == 1) {
      const std::optional<Value> prices = mapping.require("value");
      if (prices) cost.price = read_prices(reading, *prices, discount, kThousand);
    }
  }
  mapping.done();
  return cost;
}

}  // namespace tollgate::config
