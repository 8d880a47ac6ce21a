#include "pricing/price_list.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "pricing/price_table.hpp"

namespace tollgate::pricing {
namespace {

struct ListOfType {
  std::string_view account_type;
  std::string_view provider;
};

constexpr std::array kListOfType = {
    ListOfType{"anthropic", "anthropic"},  ListOfType{"aws-claude-platform", "anthropic"},
    ListOfType{"openai", "openai"},        ListOfType{"azure-openai", "openai"},
    ListOfType{"aws-bedrock", "bedrock"},  ListOfType{"aws-bedrock-mantle", "bedrock"},
    ListOfType{"google-gemini", "google"}, ListOfType{"azure-foundry", "openai"},
    ListOfType{"google-vertex", "google"},
};

constexpr std::string_view kGlobal = "global.";
constexpr std::array<std::string_view, 7> kGeoProfiles = {"us.", "eu.",     "jp.", "apac.",
                                                          "au.", "us-gov.", "ca."};
// A cloud's regional endpoint of a model that only its maker's list has.
constexpr int32_t kRegionalPercent = 110;

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

/// Cuts "-20250929" or "-2025-09-29" off the end.
std::string_view without_date(std::string_view id) {
  if (id.size() > 9 && id[id.size() - 9] == '-' && all_digits(id.substr(id.size() - 8))) {
    return id.substr(0, id.size() - 9);
  }
  if (id.size() <= 11) return id;
  const std::string_view tail = id.substr(id.size() - 11);
  const bool dashed = tail[0] == '-' && tail[5] == '-' && tail[8] == '-' &&
                      all_digits(tail.substr(1, 4)) && all_digits(tail.substr(6, 2)) &&
                      all_digits(tail.substr(9, 2));
  return dashed ? id.substr(0, id.size() - 11) : id;
}

/// Cuts "-v1:0" or "-v2" off the end.
std::string_view without_version(std::string_view id) {
  const size_t at = id.rfind("-v");
  if (at == std::string_view::npos || at == 0) return id;
  const std::string_view tail = id.substr(at + 2);
  const size_t colon = tail.find(':');
  const bool version = all_digits(tail.substr(0, colon)) &&
                       (colon == std::string_view::npos || all_digits(tail.substr(colon + 1)));
  return version ? id.substr(0, at) : id;
}

std::string_view without_prefix(std::string_view id, std::string_view prefix) {
  return id.starts_with(prefix) ? id.substr(prefix.size()) : id;
}

/// A Bedrock id without its profile; true when it is not the global one.
std::pair<std::string_view, bool> without_geo_profile(std::string_view id) {
  if (id.starts_with(kGlobal)) return {id.substr(kGlobal.size()), false};
  for (const std::string_view geo : kGeoProfiles) {
    if (id.starts_with(geo)) return {id.substr(geo.size()), true};
  }
  return {id, true};
}

bool is_regional(const ModelName& name, std::string_view provider) {
  if (provider == "bedrock") {
    const std::string_view id = name.model_id.substr(name.model_id.rfind('/') + 1);
    return without_geo_profile(id).second;
  }
  return provider == "vertex" && !name.region.empty() && name.region != "global";
}

const ListedPrice* find_row(std::string_view provider, std::string_view model, int64_t wall_ms) {
  const ListedPrice* found = nullptr;
  for (const ListedPrice& row : price_table()) {
    if (row.model != model || row.provider != provider) continue;
    if (row.from_ms <= wall_ms) found = &row;
  }
  return found;
}

Price price_of_row(const ListedPrice& row, bool regional) {
  Price price;
  price.base = row.rates;
  if (row.tier_above != 0) price.tiers.push_back({row.tier_above, row.tier_rates});
  price.modifiers = row.modifiers;
  if (!regional) price.modifiers.region = 100;
  price.web_search = NanoUsd{web_search_nano_usd()};
  return price;
}

void raise(Rate& rate, Rate other) {
  rate.femto_usd_per_token = std::max(rate.femto_usd_per_token, other.femto_usd_per_token);
}

void raise(Rates& rates, const Rates& other) {
  raise(rates.input, other.input);
  raise(rates.output, other.output);
  raise(rates.cache_read, other.cache_read);
  raise(rates.cache_write_5m, other.cache_write_5m);
  raise(rates.cache_write_1h, other.cache_write_1h);
}

}  // namespace

std::string_view list_provider(const ModelName& name) {
  const bool claude = name.model_id.starts_with("claude") ||
                      name.model_id.find("/claude") != std::string_view::npos;
  for (const ListOfType& entry : kListOfType) {
    if (entry.account_type != name.account_type) continue;
    if (claude && name.account_type == "google-vertex") return "vertex";
    if (claude && name.account_type == "azure-foundry") return "anthropic";
    return entry.provider;
  }
  return {};
}

std::vector<std::string> listed_names(std::string_view model_id) {
  std::vector<std::string> names;
  const auto add = [&names](std::string_view name) {
    if (name.empty()) return;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  };
  add(model_id);
  // "publishers/…/models/NAME", "models/NAME", an inference profile's ARN.
  std::string_view id = model_id.substr(model_id.rfind('/') + 1);
  add(id);
  // Claude Code's "[1m]" and Vertex's "@20250929" are no part of a name.
  id = id.substr(0, std::min(id.find('['), id.find('@')));
  add(id);
  id = without_geo_profile(id).first;
  add(id);
  add(without_date(id));
  if (id.ends_with("-latest")) add(id.substr(0, id.size() - 7));
  // A cloud's id of a model that its maker lists: "anthropic.claude-opus-4-5-20251101-v1:0".
  const std::string_view bare = without_version(without_prefix(id, "anthropic."));
  add(bare);
  add(without_date(bare));
  return names;
}

std::optional<Price> listed_price(const ModelName& name, int64_t wall_ms) {
  const std::string_view provider = list_provider(name);
  if (provider.empty()) return std::nullopt;
  const std::vector<std::string> names = listed_names(name.model_id);
  const bool regional = is_regional(name, provider);
  for (const std::string& listed : names) {
    if (const ListedPrice* row = find_row(provider, listed, wall_ms)) {
      return price_of_row(*row, regional);
    }
  }
  if (provider != "vertex" && provider != "bedrock") return std::nullopt;
  for (const std::string& listed : names) {
    const ListedPrice* row = find_row("anthropic", listed, wall_ms);
    if (row == nullptr) continue;
    Price price = price_of_row(*row, regional);
    price.modifiers.us = 100;
    if (regional) price.modifiers.region = kRegionalPercent;
    return price;
  }
  return std::nullopt;
}

Price dearest_price(const ModelName& name, int64_t wall_ms) {
  const std::string_view provider = list_provider(name);
  Price dearest;
  for (const ListedPrice& row : price_table()) {
    const bool same_provider = provider.empty() || row.provider == provider;
    if (!same_provider || row.from_ms > wall_ms) continue;
    raise(dearest.base, row.rates);
    if (row.tier_above != 0) raise(dearest.base, row.tier_rates);
    dearest.modifiers.fast = std::max(dearest.modifiers.fast, row.modifiers.fast);
    dearest.modifiers.us = std::max(dearest.modifiers.us, row.modifiers.us);
    dearest.modifiers.priority = std::max(dearest.modifiers.priority, row.modifiers.priority);
  }
  if (is_regional(name, provider)) dearest.modifiers.region = kRegionalPercent;
  dearest.web_search = NanoUsd{web_search_nano_usd()};
  return dearest;
}

}  // namespace tollgate::pricing
