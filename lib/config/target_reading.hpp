#pragma once

#include <cstdint>
#include <string_view>

#include "config/draft.hpp"
#include "config/reading.hpp"

namespace tollgate::config {

/// Takes `attempts`, `delay` and `on_status_codes` of the mapping under `key`, when it is there.
void read_retry(StrictMapping& mapping, std::string_view key, uint32_t attempts_default,
                router::Retry& retry);

/// Reads one entry of `load_balance_targets`.
TargetDraft read_target(Reading& reading, const Value& item, router::Strategy strategy);

}  // namespace tollgate::config
