#include <algorithm>
#include <utility>

#include "config/cost.hpp"
#include "config/document_types.hpp"
#include "config/names.hpp"
#include "config/target_reading.hpp"

namespace tollgate::config {
namespace {

constexpr size_t kMetricKeysMax = 16;
constexpr size_t kMetricKeyBytesMax = 64;

void read_logging(StrictMapping& document, record::LoggingSettings& logging) {
  const std::optional<Value> value = document.take("logging_settings");
  if (!value) return;
  StrictMapping settings(document.reading(), *value);
  if (!settings.valid()) return;
  const std::optional<size_t> type =
      settings.choice("type", {"always", "never", "header_controlled"});
  constexpr record::BodyLogging kKinds[] = {record::BodyLogging::kAlways,
                                            record::BodyLogging::kNever,
                                            record::BodyLogging::kHeaderControlled};
  if (type) logging.bodies = kKinds[*type];
  const std::optional<Value> by_default = settings.take("log_body_by_default");
  if (by_default) {
    logging.log_body_by_default = read_bool(document.reading(), *by_default).value_or(false);
    if (type && logging.bodies != record::BodyLogging::kHeaderControlled) {
      document.reading().report.warning(by_default->place(),
                                        "has an effect only with type: header_controlled");
    }
  }
  settings.done();
}

void read_metrics(StrictMapping& document, record::LoggingSettings& logging) {
  const std::optional<Value> value = document.take("metrics");
  if (!value) return;
  StrictMapping metrics(document.reading(), *value);
  for (const Value& item : metrics.list("metadata_keys")) {
    std::optional<std::string> key = read_string(document.reading(), item);
    if (!key) continue;
    std::vector<std::string>& keys = logging.metric_metadata_keys;
    if (!is_plain_name(*key, kMetricKeyBytesMax)) {
      document.reading().report.error(item.place(), "must be 1 to 64 characters without spaces");
    } else if (std::find(keys.begin(), keys.end(), *key) != keys.end()) {
      document.reading().report.error(item.place(), "this key stands in the list twice");
    } else if (keys.size() >= kMetricKeysMax) {
      document.reading().report.error(item.place(), "at most 16 keys can be labels");
    } else {
      keys.push_back(std::move(*key));
    }
  }
  metrics.done();
}

/// Takes what a model costs that no list knows.
void read_unknown_price(StrictMapping& document, Draft& draft) {
  if (document.take("unknown_price")) {
    constexpr pricing::UnknownPrice kKinds[] = {pricing::UnknownPrice::kFallback,
                                                pricing::UnknownPrice::kRefuse,
                                                pricing::UnknownPrice::kFree};
    const std::optional<size_t> kind =
        document.choice("unknown_price", {"fallback", "refuse", "free"});
    if (kind) draft.unknown_price = kKinds[*kind];
  }
  const std::optional<Value> prices = document.take("fallback_price");
  if (!prices) return;
  draft.fallback_price = read_cost(document.reading(), *prices, {}).price;
  if (draft.unknown_price != pricing::UnknownPrice::kFallback) {
    document.reading().report.warning(prices->place(),
                                      "has an effect only with unknown_price: fallback");
  }
}

}  // namespace

void read_global_settings(StrictMapping& document, Draft& draft) {
  record::LoggingSettings logging;
  document.take("name");
  read_logging(document, logging);
  read_metrics(document, logging);
  read_retry(document, "retry_settings", draft.retry.attempts, draft.retry);
  document.not_supported({"semantic_cache_settings", "guardrail_settings"});
  read_unknown_price(document, draft);
  if (document.take("budget_exceeded_status")) {
    const int64_t status = document.integer("budget_exceeded_status", 402, 402, 429);
    if (status != 402 && status != 429) {
      document.reading().report.error(document.take("budget_exceeded_status")->place(),
                                      "must be 402 or 429");
    } else {
      draft.budget_status = static_cast<uint32_t>(status);
    }
  }
  const Place place = document.where().place();
  if (draft.settings_place) {
    document.reading().report.error(
        place, "a second gateway-global-settings document, the first is in line " +
                   std::to_string(draft.settings_place->mark.line));
    return;
  }
  draft.settings_place = place;
  draft.logging = std::move(logging);
}

}  // namespace tollgate::config
