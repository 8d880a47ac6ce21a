#pragma once

#include "providers/provider.hpp"

namespace tollgate::providers {

/// The provider of a row of compatible_rows(), or null.
const Provider* find_compatible_provider(std::string_view type);

}  // namespace tollgate::providers
