#pragma once

// Calls of token services: forms posted, JSON answered.

#include <string>
#include <string_view>

#include "base/status.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers {

/// A POST of a form, still empty.
Result<AuxiliaryCall> form_call(std::string url);

/// Adds a field to a form.
void append_field(std::string& form, std::string_view name, std::string_view value);

}  // namespace tollgate::providers
