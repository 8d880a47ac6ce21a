#include "pricing/price.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace tollgate::pricing {

namespace {

// 10^9 tokens at the highest rate pass 2^63, so products and their sum are taken in 128 bits.
__extension__ typedef __int128 Wide;

constexpr int64_t kRateMax = 9'000'000'000'000;  // 9,000 USD per million tokens.
constexpr int64_t kFemtoPerNano = 1'000'000;
constexpr int kFemtoDigits = 15;
constexpr int64_t kTokensPerUnitMax = model::kTokensMax;

// The largest mantissa that can still become a rate is kRateMax * kTokensPerUnitMax, 22 digits.
constexpr int kMantissaDigitsMax = 30;
constexpr int kExponentMax = 10'000;

/// A decimal number: mantissa * 10^exponent. Trailing zeros are in the exponent.
struct Decimal {
  Wide mantissa = 0;
  int exponent = 0;
};

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Reads digits while a number is built; a zero is held back until another digit follows, so that
/// "15.000000000000000000000000000000" is as short as it means.
class DecimalBuilder {
 public:
  /// False when the number has more digits than any rate.
  bool add(char digit) {
    if (digit == '0') {
      ++zeros_;
      return true;
    }
    if (value_.mantissa == 0) zeros_ = 0;
    if (zeros_ >= kMantissaDigitsMax || digits_ + zeros_ >= kMantissaDigitsMax) return false;
    for (int i = 0; i < zeros_; ++i)
      value_.mantissa *= 10;
    value_.mantissa = value_.mantissa * 10 + (digit - '0');
    digits_ += zeros_ + 1;
    zeros_ = 0;
    return true;
  }
  Decimal take(int fraction_digits, int exponent) {
    value_.exponent = zeros_ - fraction_digits + exponent;
    return value_;
  }

 private:
  Decimal value_;
  int digits_ = 0;
  int zeros_ = 0;
};

/// Reads "e-06" up to the end of the text.
bool read_exponent(std::string_view text, int& exponent) {
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (negative || text.front() == '+')) text.remove_prefix(1);
  if (text.empty()) return false;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    exponent = std::min(exponent * 10 + (c - '0'), kExponentMax);
  }
  if (negative) exponent = -exponent;
  return true;
}

Result<Decimal> read_decimal(std::string_view text) {
  constexpr std::string_view kNoNumber = "is not a decimal number";
  if (text.size() > 256) return invalid("has too many digits for a price");
  if (!text.empty() && text.front() == '-') return invalid("a price cannot be negative");
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);

  DecimalBuilder builder;
  int digits = 0;
  int fraction_digits = 0;
  bool after_point = false;
  size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !after_point) {
      after_point = true;
      continue;
    }
    if (!is_digit(c)) break;
    ++digits;
    fraction_digits += after_point ? 1 : 0;
    if (!builder.add(c)) return invalid("has too many digits for a price");
  }
  if (digits == 0) return invalid(std::string(kNoNumber));
  int exponent = 0;
  if (!read_exponent(text.substr(at), exponent)) return invalid(std::string(kNoNumber));
  return builder.take(fraction_digits, exponent);
}

const Rates& rates_for(int64_t prompt_tokens, const Price& price) {
  const Rates* rates = &price.base;
  for (const Tier& tier : price.tiers) {
    if (prompt_tokens > tier.above_prompt_tokens) rates = &tier.rates;
  }
  return *rates;
}

/// Counters are clamped once more here: a negative one must not give money back, whoever made it.
model::Tokens clamped(const model::Tokens& tokens) {
  const auto clamp = [](int64_t count) { return std::clamp<int64_t>(count, 0, model::kTokensMax); };
  return model::Tokens{.input = clamp(tokens.input),
                       .cache_read = clamp(tokens.cache_read),
                       .cache_write_5m = clamp(tokens.cache_write_5m),
                       .cache_write_1h = clamp(tokens.cache_write_1h),
                       .output = clamp(tokens.output)};
}

Wide femto_usd(int64_t tokens, Rate rate) {
  assert(rate.femto_usd_per_token >= 0);
  return static_cast<Wide>(tokens) * rate.femto_usd_per_token;
}

Wide femto_usd(const model::Tokens& tokens, const Price& price) {
  const model::Tokens counted = clamped(tokens);
  const Rates& rates = rates_for(counted.prompt(), price);
  return femto_usd(counted.input, rates.input) + femto_usd(counted.cache_read, rates.cache_read) +
         femto_usd(counted.cache_write_5m, rates.cache_write_5m) +
         femto_usd(counted.cache_write_1h, rates.cache_write_1h) +
         femto_usd(counted.output, rates.output);
}

NanoUsd rounded_up(Wide amount, Wide units_per_nano) {
  const Wide nano = (amount + (units_per_nano - 1)) / units_per_nano;
  return NanoUsd{nano > INT64_MAX ? INT64_MAX : static_cast<int64_t>(nano)};
}

// Each factor is a percentage, so amounts with factors are kept in 10^-8 femto-USD: four times a
// hundredth. The largest sum, 5 * 10^9 tokens at kRateMax with every factor at its highest, is
// below 2^127.
constexpr Wide kFactorUnit = 100'000'000;
constexpr int32_t kFactorMax = 1'000;

Wide factor(int32_t percent) {
  return std::clamp<int32_t>(percent, 0, kFactorMax);
}

Wide service_factor(const Modifiers& modifiers, std::string_view tier) {
  if (tier == "priority") return factor(modifiers.priority);
  if (tier == "flex") return factor(modifiers.flex);
  return 100;
}

/// The product of all factors of an answer, in units of 1 / kFactorUnit.
Wide factors_of(const model::Usage& usage, const Modifiers& modifiers) {
  return (usage.fast ? factor(modifiers.fast) : 100) *
         (usage.inference_geo == "us" ? factor(modifiers.us) : 100) * factor(modifiers.region) *
         service_factor(modifiers, usage.service_tier);
}

Rate dearest_prompt_rate(const Rates& rates, bool hour_cache) {
  int64_t dearest = std::max({rates.input.femto_usd_per_token, rates.cache_read.femto_usd_per_token,
                              rates.cache_write_5m.femto_usd_per_token});
  if (hour_cache) dearest = std::max(dearest, rates.cache_write_1h.femto_usd_per_token);
  return Rate{dearest};
}

/// The dearest rates that a request of this size may meet: its prompt may turn out smaller than the
/// bound, so every tier up to it is looked at.
struct Dearest {
  Rate prompt;
  Rate output;
  Wide factors = kFactorUnit;
};

Dearest dearest_of(const Demand& demand, const Price& price) {
  Dearest dearest{dearest_prompt_rate(price.base, demand.hour_cache), price.base.output};
  for (const Tier& tier : price.tiers) {
    if (demand.prompt_tokens <= tier.above_prompt_tokens) continue;
    const Rate prompt = dearest_prompt_rate(tier.rates, demand.hour_cache);
    if (prompt.femto_usd_per_token > dearest.prompt.femto_usd_per_token) dearest.prompt = prompt;
    if (tier.rates.output.femto_usd_per_token > dearest.output.femto_usd_per_token) {
      dearest.output = tier.rates.output;
    }
  }
  const Modifiers& modifiers = price.modifiers;
  const auto at_least_plain = [](int32_t percent) { return std::max<Wide>(factor(percent), 100); };
  dearest.factors = (demand.fast ? at_least_plain(modifiers.fast) : 100) *
                    (demand.us ? at_least_plain(modifiers.us) : 100) * factor(modifiers.region) *
                    (demand.priority ? at_least_plain(modifiers.priority) : 100);
  return dearest;
}

Wide femto_of_searches(int64_t searches, const Price& price) {
  const int64_t count = std::clamp<int64_t>(searches, 0, model::kTokensMax);
  return static_cast<Wide>(count) * price.web_search.value * kFemtoPerNano;
}

bool is_hop(const model::UsageIteration& iteration) {
  return iteration.type == "message" || iteration.type == "fallback_message";
}

/// True where the totals are spread over hops that may have been served by different models.
bool has_fallback(const model::Usage& usage) {
  return std::any_of(
      usage.iterations.begin(), usage.iterations.end(),
      [](const model::UsageIteration& step) { return step.type == "fallback_message"; });
}

}  // namespace

Result<Rate> parse_rate(std::string_view decimal_usd, int64_t tokens_per_unit) {
  assert(tokens_per_unit > 0);
  assert(tokens_per_unit <= kTokensPerUnitMax);
  const Result<Decimal> read = read_decimal(decimal_usd);
  if (!read.ok()) return read.status();
  Wide femto = read.value().mantissa;
  if (femto == 0) return Rate{};

  const Wide femto_max = static_cast<Wide>(kRateMax) * tokens_per_unit;
  int exponent = read.value().exponent + kFemtoDigits;
  for (; exponent > 0 && femto <= femto_max; --exponent)
    femto *= 10;
  // The mantissa ends in no zero, so what is below one femto-USD would have to be rounded; rounded
  // down it could be free.
  if (exponent < 0) return invalid("has too many decimals for a price");
  if (femto > femto_max) return invalid("is above 9,000 USD per million tokens");
  if (femto % tokens_per_unit != 0) return invalid("has too many decimals for a price");
  return Rate{static_cast<int64_t>(femto / tokens_per_unit)};
}

NanoUsd cost(const model::Tokens& tokens, const Price& price) {
  return rounded_up(femto_usd(tokens, price) * factor(price.modifiers.region),
                    static_cast<Wide>(kFemtoPerNano) * 100);
}

NanoUsd cost(const model::Usage& usage, const Price& price, const PriceOf& price_of) {
  const bool by_hop = has_fallback(usage);
  // Searches are not multiplied by how the tokens were served.
  Wide sum = femto_of_searches(usage.web_searches, price) * kFactorUnit;
  if (!by_hop) sum += femto_usd(usage.tokens, price) * factors_of(usage, price.modifiers);
  for (const model::UsageIteration& step : usage.iterations) {
    if (is_hop(step) && !by_hop) continue;
    if (step.model.empty()) {
      sum += femto_usd(step.tokens, price) * factors_of(usage, price.modifiers);
    } else {
      const Price other = price_of(step.model);
      sum += femto_usd(step.tokens, other) * factors_of(usage, other.modifiers);
    }
  }
  return rounded_up(sum, static_cast<Wide>(kFemtoPerNano) * kFactorUnit);
}

NanoUsd upper_bound(const Demand& demand, const Price& price) {
  const Dearest dearest = dearest_of(demand, price);
  const auto count = [](int64_t tokens) {
    return std::clamp<int64_t>(tokens, 0, model::kTokensMax);
  };
  const Wide tokens = femto_usd(count(demand.prompt_tokens), dearest.prompt) +
                      femto_usd(count(demand.output_tokens), dearest.output);
  const Wide sum =
      tokens * dearest.factors + femto_of_searches(demand.web_searches, price) * kFactorUnit;
  return rounded_up(sum, static_cast<Wide>(kFemtoPerNano) * kFactorUnit);
}

int64_t output_tokens_within(NanoUsd amount, const Demand& demand, const Price& price) {
  Demand prompt_only = demand;
  prompt_only.output_tokens = 0;
  const NanoUsd prompt = upper_bound(prompt_only, price);
  if (amount < prompt) return -1;
  const Dearest dearest = dearest_of(demand, price);
  const Wide per_token = static_cast<Wide>(dearest.output.femto_usd_per_token) * dearest.factors;
  if (per_token == 0) return demand.output_tokens;
  // The prompt's own rounding up is counted once more here, which errs on the small side.
  const Wide left = static_cast<Wide>(amount.value - prompt.value) * kFemtoPerNano * kFactorUnit;
  return static_cast<int64_t>(std::min<Wide>(left / per_token, demand.output_tokens));
}

}  // namespace tollgate::pricing
