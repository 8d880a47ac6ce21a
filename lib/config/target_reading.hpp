#pragma once

#include "config/draft.hpp"
#include "config/reading.hpp"

namespace tollgate::config {

/// Reads one entry of `load_balance_targets`.
TargetDraft read_target(Reading& reading, const Value& item, router::Strategy strategy);

}  // namespace tollgate::config
