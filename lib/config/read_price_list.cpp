#include <utility>

#include "base/limits.hpp"
#include "config/cost.hpp"
#include "config/document_types.hpp"
#include "config/names.hpp"

namespace tollgate::config {
namespace {

constexpr int64_t kThousand = 1'000;
constexpr int64_t kMillion = 1'000'000;
constexpr size_t kOwnPricesMax = 10'000;

std::optional<int64_t> read_date(StrictMapping& entry, std::string_view key) {
  const std::optional<Value> value = entry.take(key);
  const std::optional<std::string> text =
      value ? read_string(entry.reading(), *value) : std::nullopt;
  if (!text) return std::nullopt;
  int64_t wall_ms = 0;
  if (!parse_rfc3339(*text, wall_ms)) {
    entry.reading().report.error(value->place(),
                                 "must be a date as 2026-12-31 or 2026-12-31T18:00:00Z");
    return std::nullopt;
  }
  return wall_ms;
}

std::optional<pricing::Price> read_entry_prices(StrictMapping& entry) {
  const std::optional<Value> per_thousand = entry.take("per_1000_tokens");
  const std::optional<Value> per_million = entry.take("per_million_tokens");
  if (per_thousand.has_value() == per_million.has_value()) {
    if (entry.valid()) {
      entry.reading().report.error(entry.where().place(),
                                   "must have one of per_1000_tokens and per_million_tokens");
    }
    return std::nullopt;
  }
  return per_thousand ? read_prices(entry.reading(), *per_thousand, {}, kThousand)
                      : read_prices(entry.reading(), *per_million, {}, kMillion);
}

void read_entry(Reading& reading, const Value& item, Draft& draft) {
  StrictMapping entry(reading, item);
  pricing::OwnPrice own;
  const std::optional<Value> model = entry.require("model");
  if (model) own.model = read_string(reading, *model).value_or("");
  own.account = entry.string("account").value_or("");
  own.provider = entry.string("provider").value_or("");
  own.from_ms = read_date(entry, "from").value_or(INT64_MIN);
  std::optional<pricing::Price> price = read_entry_prices(entry);
  entry.done();
  if (!price) return;
  if (!is_plain_name(own.model, limits::kModelNameBytesMax)) {
    if (model) reading.report.error(model->place(), "must be 1 to 512 characters without spaces");
    return;
  }
  own.price = std::move(*price);
  draft.own_prices.push_back(std::move(own));
}

}  // namespace

void read_price_list(StrictMapping& document, Draft& draft) {
  document.take("name");
  const std::optional<Value> prices = document.require("prices");
  if (!prices) return;
  for (const Value& item : read_list(document.reading(), *prices)) {
    if (draft.own_prices.size() >= kOwnPricesMax) {
      document.reading().report.error(item.place(), "more than 10,000 prices");
      return;
    }
    read_entry(document.reading(), item, draft);
  }
}

}  // namespace tollgate::config
