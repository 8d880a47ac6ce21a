#pragma once

// What the Responses service refuses of a request, as far as its description, its error texts and
// recorded refusals tell: unknown members, wrong types, broken pairs of calls and outputs.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::test {

/// The model the request goes to.
struct ResponsesModel {
  bool reasons = true;  ///< Refuses sampling; has encrypted reasoning.
  std::vector<std::string> efforts = {"none", "low", "medium", "high", "xhigh", "max"};
  size_t tools_max = 128;
  size_t tool_name_bytes_max = 128;
};

/// The reasons for which the service would answer 400, in its manner of speaking; none when it
/// takes the request. `counting`: to /responses/input_tokens, which knows fewer members.
std::vector<std::string> responses_refusals(std::string_view body, const ResponsesModel& model = {},
                                            bool counting = false);

}  // namespace tollgate::test
