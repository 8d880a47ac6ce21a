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
  const model::Tokens counted = clamped(tokens);
  const Rates& rates = rates_for(counted.prompt(), price);
  const Wide sum = femto_usd(counted.input, rates.input) +
                   femto_usd(counted.cache_read, rates.cache_read) +
                   femto_usd(counted.cache_write_5m, rates.cache_write_5m) +
                   femto_usd(counted.cache_write_1h, rates.cache_write_1h) +
                   femto_usd(counted.output, rates.output);
  const Wide nano = (sum + (kFemtoPerNano - 1)) / kFemtoPerNano;
  return NanoUsd{nano > INT64_MAX ? INT64_MAX : static_cast<int64_t>(nano)};
}

}  // namespace tollgate::pricing
