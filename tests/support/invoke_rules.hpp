#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tollgate::test {

/// What Amazon Bedrock's InvokeModel would refuse in a body for a Claude, a line each; empty when
/// it would take it. Written from the service's own refusals, apart from the code that makes
/// bodies.
std::vector<std::string> invoke_violations(std::string_view body);

}  // namespace tollgate::test
