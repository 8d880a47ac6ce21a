#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tollgate::test {

/// What Amazon Bedrock's Converse would refuse in a request to this model, a line each; empty when
/// it would take it. Written from the service's own description, apart from the encoder.
std::vector<std::string> converse_violations(std::string_view body, std::string_view model_id);

}  // namespace tollgate::test
