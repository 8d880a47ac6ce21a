#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "model/loss.hpp"

namespace tollgate::providers::aws_bedrock {

/// The raw JSON of `tools` as InvokeModel takes it, into `out`; empty when it is that already.
/// kInvalid with a sentence for the client when a tool runs at Anthropic only.
Status invoke_tools(std::string_view tools, const std::vector<std::string>& betas, std::string& out,
                    model::Losses& losses);

}  // namespace tollgate::providers::aws_bedrock
