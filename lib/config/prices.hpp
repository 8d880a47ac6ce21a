#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "config/configuration.hpp"

namespace tollgate::config {

/// What a model of an integration costs at a moment: its own price, else the configuration's list,
/// else the built-in one, else what stands in for unknown prices. `model_id` is what the upstream
/// is told. Nothing only where unknown prices are refused.
std::optional<pricing::FoundPrice> find_price(const Configuration& configuration,
                                              uint32_t integration, std::string_view model_id,
                                              int64_t wall_ms);

}  // namespace tollgate::config
