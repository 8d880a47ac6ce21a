#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pricing/price.hpp"
#include "pricing/price_list.hpp"

namespace tollgate::pricing {

/// What a request for a model costs that no list knows.
enum class UnknownPrice : uint8_t {
  kFallback,  ///< As much as the dearest known model of the provider, or what is configured.
  kRefuse,    ///< It is not served.
  kFree
};

/// A percentage of the list price, in steps of 1/10,000 of a percent.
struct Discount {
  int64_t ten_thousandths = 0;  ///< 0 to 1,000,000: 8 % is 80,000.
};

/// The rate less the discount, rounded up to the next unit.
Rate discounted(Rate rate, Discount discount);

/// A price that the configuration puts in place of the list's.
struct OwnPrice {
  std::string account;   ///< Empty: of every account of `provider`.
  std::string provider;  ///< An account type; empty: of every provider.
  std::string model;     ///< As an account's model_id.
  int64_t from_ms = INT64_MIN;
  Price price;
};

/// How a price came about, as records name it.
enum class PriceSource : uint8_t { kConfigured, kOwnList, kList, kFallback, kFree };

std::string_view source_name(PriceSource source);

struct FoundPrice {
  Price price;
  PriceSource source = PriceSource::kList;
};

/// All prices of a configuration beside those its integrations name themselves. Immutable.
class PriceBook {
 public:
  PriceBook() = default;
  PriceBook(std::vector<OwnPrice> own, UnknownPrice unknown, std::optional<Price> fallback);

  /// The price of a model at a moment, less the account's discount. Nothing only when it is unknown
  /// and unknown prices are refused.
  std::optional<FoundPrice> find(std::string_view account, const ModelName& name, Discount discount,
                                 int64_t wall_ms) const;

  /// True when find() would have to fall back.
  bool knows(std::string_view account, const ModelName& name, int64_t wall_ms) const;

  UnknownPrice unknown() const { return unknown_; }
  /// Names the list and what was put over it: equal versions, equal prices.
  const std::string& version() const { return version_; }

 private:
  const OwnPrice* find_own(std::string_view account, const ModelName& name, int64_t wall_ms) const;

  std::vector<OwnPrice> own_;
  UnknownPrice unknown_ = UnknownPrice::kFallback;
  std::optional<Price> fallback_;
  std::string version_ = std::string(list_version());

  static std::string_view list_version();
};

}  // namespace tollgate::pricing
