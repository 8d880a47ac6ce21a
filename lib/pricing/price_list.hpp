#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pricing/price.hpp"

namespace tollgate::pricing {

/// A model as an account addresses it.
struct ModelName {
  std::string_view account_type;  ///< "anthropic", "aws-bedrock"…: the type's last part.
  std::string_view model_id;
  std::string_view region = {};  ///< Of the account; empty or "global": no regional endpoint.
};

/// Whose list a model's price stands in; empty when there is none for this kind of account.
std::string_view list_provider(const ModelName& name);

/// The names a model may be listed under, nearest first: without the region, the version and the
/// date that an id carries.
std::vector<std::string> listed_names(std::string_view model_id);

/// The built-in price at a moment, regional factor included. Nothing when the model is not listed.
std::optional<Price> listed_price(const ModelName& name, int64_t wall_ms);

/// For models nobody has priced: every rate is the dearest of the provider's list (of all lists
/// when the provider has none).
Price dearest_price(const ModelName& name, int64_t wall_ms);

}  // namespace tollgate::pricing
