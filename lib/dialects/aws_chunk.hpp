#pragma once

#include <string>
#include <string_view>

#include "base/status.hpp"

namespace tollgate::dialects {

/// The event's JSON in a "chunk" of InvokeModelWithResponseStream ({"bytes": base64, "p":
/// padding}), without the metrics that Bedrock adds to the last one.
Result<std::string> aws_chunk_payload(std::string_view payload);

}  // namespace tollgate::dialects
