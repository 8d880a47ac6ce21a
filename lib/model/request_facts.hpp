#pragma once

#include "model/request.hpp"

namespace tollgate::model {

/// The facts of a decoded request, for dialects that are not read by a peek at the text.
RequestFacts facts_of(const Request& request);

}  // namespace tollgate::model
