#pragma once

#include <cstdint>
#include <optional>

#include "config/reading.hpp"
#include "pricing/price.hpp"

namespace tollgate::config {

/// A percentage of the list price, in steps of 1/10,000 of a percent.
struct Discount {
  int64_t ten_thousandths = 0;  ///< 0 to 1,000,000: 8 % is 80,000.
};

/// Takes `discount_percent`: 0 to 100 with at most four decimals.
Discount read_discount(StrictMapping& account);

/// The rate less the discount, rounded up to the next unit.
pricing::Rate discounted(pricing::Rate rate, Discount discount);

struct Cost {
  bool public_list = false;  ///< metric: public_cost.
  std::optional<pricing::Price> price;
};

/// Reads a `cost`: {metric: public_cost}, {metric: per_1000_tokens, value: {…}} or the short form
/// {per_1000_tokens: {…}}.
Cost read_cost(Reading& reading, const Value& value, Discount discount);

}  // namespace tollgate::config
