#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "pricing/price.hpp"

namespace tollgate::pricing {

/// A model's price from one moment on, as data/prices.json lists it.
struct ListedPrice {
  std::string_view provider;  ///< "anthropic", "openai", "google", "vertex", "bedrock".
  std::string_view model;
  int64_t from_ms = 0;  ///< The last row that has begun is in force.
  Rates rates;
  int64_t tier_above = 0;  ///< Prompt tokens; 0: no tier.
  Rates tier_rates;
  Modifiers modifiers;
};

/// Rows of one model stand together, earliest first.
std::span<const ListedPrice> price_table();
/// "2026-11-22": when the list was last compared with what the providers say.
std::string_view price_table_date();
/// What one search by a provider's own web search tool costs.
int64_t web_search_nano_usd();

}  // namespace tollgate::pricing
