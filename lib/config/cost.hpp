#pragma once

#include <cstdint>
#include <optional>

#include "config/reading.hpp"
#include "pricing/price_book.hpp"

namespace tollgate::config {

using pricing::Discount;

/// Takes `discount_percent`: 0 to 100 with at most four decimals.
Discount read_discount(StrictMapping& account);

/// Reads prices in USD per `tokens_per_unit` tokens: {input, output, cache_read, …}.
std::optional<pricing::Price> read_prices(Reading& reading, const Value& value, Discount discount,
                                          int64_t tokens_per_unit);

struct Cost {
  std::optional<pricing::Price> price;
};

/// Reads a `cost`: {metric: public_cost}, {metric: per_1000_tokens, value: {…}} or the short form
/// {per_1000_tokens: {…}}.
Cost read_cost(Reading& reading, const Value& value, Discount discount);

}  // namespace tollgate::config
