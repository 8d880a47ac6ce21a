#include "pricing/price_book.hpp"

#include <algorithm>
#include <utility>

#include "pricing/price_table.hpp"

namespace tollgate::pricing {
namespace {

constexpr int64_t kWholePrice = 1'000'000;

void take_off(Rates& rates, Discount discount) {
  for (Rate* rate : {&rates.input, &rates.output, &rates.cache_read, &rates.cache_write_5m,
                     &rates.cache_write_1h}) {
    *rate = discounted(*rate, discount);
  }
}

Price discounted(Price price, Discount discount) {
  if (discount.ten_thousandths == 0) return price;
  take_off(price.base, discount);
  for (Tier& tier : price.tiers)
    take_off(tier.rates, discount);
  const int64_t share = kWholePrice - discount.ten_thousandths;
  price.web_search.value = (price.web_search.value * share + kWholePrice - 1) / kWholePrice;
  return price;
}

}  // namespace

Rate discounted(Rate rate, Discount discount) {
  // A rate is at most 9 * 10^12, so the product fits.
  const int64_t share = kWholePrice - discount.ten_thousandths;
  return {(rate.femto_usd_per_token * share + kWholePrice - 1) / kWholePrice};
}

std::string_view source_name(PriceSource source) {
  switch (source) {
    case PriceSource::kConfigured:
      return "configured";
    case PriceSource::kOwnList:
      return "price-list document";
    case PriceSource::kList:
      return "built-in list";
    case PriceSource::kFallback:
      return "fallback";
    case PriceSource::kFree:
      return "free";
  }
  return {};
}

std::string_view PriceBook::list_version() {
  return price_table_date();
}

PriceBook::PriceBook(std::vector<OwnPrice> own, UnknownPrice unknown, std::optional<Price> fallback)
    : own_(std::move(own)), unknown_(unknown), fallback_(std::move(fallback)) {
  // Two configurations with lists of their own are told apart by the record's policy version.
  if (!own_.empty()) version_ += "+own";
}

const OwnPrice* PriceBook::find_own(std::string_view account, const ModelName& name,
                                    int64_t wall_ms) const {
  if (own_.empty()) return nullptr;
  const std::vector<std::string> names = listed_names(name.model_id);
  const OwnPrice* best = nullptr;
  for (const OwnPrice& own : own_) {
    if (own.from_ms > wall_ms) continue;
    if (!own.account.empty() && own.account != account) continue;
    if (!own.provider.empty() && own.provider != name.account_type) continue;
    if (std::find(names.begin(), names.end(), own.model) == names.end()) continue;
    // The narrower one counts, then the later one.
    const auto rank = [](const OwnPrice& entry) {
      return (entry.account.empty() ? 0 : 2) + (entry.provider.empty() ? 0 : 1);
    };
    const bool better = best == nullptr || rank(own) > rank(*best) ||
                        (rank(own) == rank(*best) && own.from_ms >= best->from_ms);
    if (better) best = &own;
  }
  return best;
}

bool PriceBook::knows(std::string_view account, const ModelName& name, int64_t wall_ms) const {
  return find_own(account, name, wall_ms) != nullptr || listed_price(name, wall_ms).has_value();
}

std::optional<FoundPrice> PriceBook::find(std::string_view account, const ModelName& name,
                                          Discount discount, int64_t wall_ms) const {
  if (const OwnPrice* own = find_own(account, name, wall_ms)) {
    return FoundPrice{discounted(own->price, discount), PriceSource::kOwnList};
  }
  if (std::optional<Price> listed = listed_price(name, wall_ms)) {
    return FoundPrice{discounted(std::move(*listed), discount), PriceSource::kList};
  }
  switch (unknown_) {
    case UnknownPrice::kRefuse:
      return std::nullopt;
    case UnknownPrice::kFree:
      return FoundPrice{{}, PriceSource::kFree};
    case UnknownPrice::kFallback:
      break;
  }
  // What is guessed is not made cheaper by a discount.
  return FoundPrice{fallback_ ? *fallback_ : dearest_price(name, wall_ms), PriceSource::kFallback};
}

}  // namespace tollgate::pricing
