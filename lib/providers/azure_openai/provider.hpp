#pragma once

#include "providers/provider.hpp"

namespace tollgate::providers {

/// Azure OpenAI: deployments under a resource's host, by dated api-versions or the v1 surface.
const Provider& azure_openai_provider();

}  // namespace tollgate::providers
