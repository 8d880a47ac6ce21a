#pragma once

// pricing/ turns usage into integer money. May include base/ and model/.

#include <cstdint>
#include <functional>
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

  friend bool operator==(const Rates&, const Rates&) = default;
};

/// Rates that hold for the whole request when its prompt has more than `above_prompt_tokens`.
struct Tier {
  int64_t above_prompt_tokens = 0;
  Rates rates;
};

/// Factors in percent that the way of serving puts on every token of a request.
struct Modifiers {
  int32_t fast = 100;      ///< usage.speed is "fast".
  int32_t us = 100;        ///< usage.inference_geo is "us".
  int32_t region = 100;    ///< The endpoint is bound to a region.
  int32_t priority = 100;  ///< usage.service_tier is "priority".
  int32_t flex = 100;      ///< usage.service_tier is "flex".
};

/// What one model of one account costs.
struct Price {
  Rates base;
  std::vector<Tier> tiers;  ///< Ascending; the last that applies counts.
  Modifiers modifiers = {};
  NanoUsd web_search = {};  ///< One search by the provider's own tool.
};

/// Cost of a step: the exact sum over all counters, rounded up once to the next nano-USD.
NanoUsd cost(const model::Tokens& tokens, const Price& price);

/// Finds the price of a model that a step names; its own lifetime is the caller's.
using PriceOf = std::function<Price(std::string_view model)>;

/// Cost of a whole answer, exact and rounded up once: its tokens, searches, and the steps that are
/// billed beside the totals (compaction, an advisor at its own model's price). Where the answer
/// tells which model served each hop, every hop has the price of its own model.
NanoUsd cost(const model::Usage& usage, const Price& price, const PriceOf& price_of);

/// What a request may use at most.
struct Demand {
  int64_t prompt_tokens = 0;
  int64_t output_tokens = 0;
  int64_t web_searches = 0;
  bool hour_cache = false;  ///< Cache writes may be of the kind that lives an hour.
  bool fast = false;        ///< Fast mode was asked for.
  bool us = false;          ///< inference_geo: us was asked for.
  bool priority = false;    ///< A dearer service tier may serve it.
};

/// No answer to such a request costs more: every token at the dearest rate that may apply.
NanoUsd upper_bound(const Demand& demand, const Price& price);

/// The most output tokens whose upper bound fits into `amount`; negative when not even the prompt
/// does.
int64_t output_tokens_within(NanoUsd amount, const Demand& demand, const Price& price);

}  // namespace tollgate::pricing
