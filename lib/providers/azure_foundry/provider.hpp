#pragma once

#include "providers/provider.hpp"

namespace tollgate::providers {

/// Microsoft Foundry: Claude in its own dialect, OpenAI's and other models in OpenAI's.
const Provider& azure_foundry_provider();

}  // namespace tollgate::providers
