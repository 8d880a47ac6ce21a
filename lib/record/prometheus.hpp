#pragma once

// The Prometheus text format, version 0.0.4, as far as Metrics writes it.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/money.hpp"

namespace tollgate::record {

/// A name a label may have, made of a metadata key: "cost-center" becomes "cost_center". A key that
/// is one of our own labels, or that Prometheus keeps for itself, gets the prefix "metadata_".
std::string label_name(std::string_view metadata_key);

/// Appends `name="value"`, with a comma before it when `labels` is not empty. The value is escaped,
/// made valid UTF-8 and cut at 256 bytes.
void append_label(std::string& labels, std::string_view name, std::string_view value);

/// Appends an amount in USD, exactly: "0.054399".
void append_usd(std::string& out, NanoUsd amount);

/// Appends microseconds as milliseconds, exactly: "1.5".
void append_ms(std::string& out, uint64_t microseconds);

}  // namespace tollgate::record
