#pragma once

#include "config/configuration.hpp"
#include "config/draft.hpp"
#include "config/report.hpp"

namespace tollgate::config {

/// Looks up the targets of virtual models and routing rules, reports those that do not fit, and
/// adds the tables to a configuration whose models are there already.
void build_routes(Draft& draft, Configuration& configuration, Report& report);

}  // namespace tollgate::config
