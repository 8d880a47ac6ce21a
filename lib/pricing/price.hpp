#pragma once

// pricing/ turns usage into integer money. May include base/ and model/.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.hpp"
#include "base/status.hpp"
#include "model/usage.hpp"

namespace tollgate::pricing {

/// A price per token, in units of 10^-15 USD ("femto-USD"): exact for every price written with up
/// to nine decimals per million tokens.
struct Rate {
  int64_t femto_usd_per_token = 0;
  friend bool operator==(Rate, Rate) = default;
};

/// Reads a decimal number ("0.003", "3e-06", "15") of USD per `tokens_per_unit` tokens, exactly.
/// kInvalid when it is negative, no number, needs more digits than a Rate holds, or is above 9,000
/// USD per million tokens.
Result<Rate> parse_rate(std::string_view decimal_usd, int64_t tokens_per_unit);

struct Rates {
  Rate input;
  Rate output;
  Rate cache_read;
  Rate cache_write_5m;
  Rate cache_write_1h;
};

/// Rates that hold for the whole request when its prompt has more than `above_prompt_tokens`.
struct Tier {
  int64_t above_prompt_tokens = 0;
  Rates rates;
};

/// What one model of one account costs.
struct Price {
  Rates base;
  std::vector<Tier> tiers;  ///< Ascending; the last that applies counts.
};

/// Cost of a step: the exact sum over all counters, rounded up once to the next nano-USD.
NanoUsd cost(const model::Tokens& tokens, const Price& price);

}  // namespace tollgate::pricing
