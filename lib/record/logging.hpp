#pragma once

// record/ shapes what is kept of an exchange: the JSON record and the metrics. May include base/,
// json/ and model/.

#include <cstdint>
#include <string>
#include <vector>

namespace tollgate::record {

enum class BodyLogging : uint8_t { kAlways, kNever, kHeaderControlled };

/// gateway-global-settings.logging_settings, and which metadata keys become metric labels.
struct LoggingSettings {
  BodyLogging bodies = BodyLogging::kHeaderControlled;
  bool log_body_by_default = false;  ///< kHeaderControlled, without a header.
  std::vector<std::string> metric_metadata_keys;
};

}  // namespace tollgate::record
