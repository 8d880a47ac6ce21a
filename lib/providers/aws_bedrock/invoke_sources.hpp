#pragma once

#include "base/status.hpp"
#include "json/reader.hpp"

namespace tollgate::providers::aws_bedrock {

/// kInvalid with a sentence for the client when a block of these messages names its picture or
/// document by a URL or as a file kept at Anthropic: Bedrock fetches nothing, and refuses the whole
/// request for it. Blocks inside tool results and documents count too.
Status check_invoke_sources(json::Value messages);

}  // namespace tollgate::providers::aws_bedrock
