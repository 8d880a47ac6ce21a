#include "config/prices.hpp"

namespace tollgate::config {

std::optional<pricing::FoundPrice> find_price(const Configuration& configuration,
                                              uint32_t integration, std::string_view model_id,
                                              int64_t wall_ms) {
  const router::Integration& model = configuration.catalog.integrations()[integration];
  const PriceTerms& terms = configuration.price_terms[integration];
  const bool same_model = model_id == model.model_id || model.is_wildcard();
  // The integration's own price is for its own model; a step may name another one.
  if (const std::optional<pricing::Price>& own = configuration.prices[integration];
      own && same_model) {
    return pricing::FoundPrice{*own, pricing::PriceSource::kConfigured};
  }
  const providers::Account& account = configuration.accounts[model.account];
  const pricing::ModelName name{
      account.type,
      same_model && !terms.known_as.empty() ? std::string_view(terms.known_as) : model_id,
      model.region.empty() ? account.region : model.region};
  return configuration.price_book.find(account.name, name, terms.discount, wall_ms);
}

}  // namespace tollgate::config
