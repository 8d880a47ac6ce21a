#pragma once

#include <memory>

#include "config/draft.hpp"
#include "config/report.hpp"

namespace tollgate::config {

/// Resolves the documents' names against each other, reports what does not fit (the same name or
/// token twice, names that nothing defines), and builds the configuration. Null when the report has
/// errors.
std::shared_ptr<Configuration> assemble(Draft draft, Report& report, Time now);

/// Fills in issuers and claims; reports names that nothing defines.
void build_issuers(Draft& draft, Configuration& configuration, Report& report);

}  // namespace tollgate::config
