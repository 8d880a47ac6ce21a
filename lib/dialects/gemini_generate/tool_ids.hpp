#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialects/dialect.hpp"

namespace tollgate::dialects::gemini_generate {

/// The client's id of a call: the upstream's with a mark before it, so that it can be given back;
/// else (it gave none, or one that clients refuse) one of ours. `seen` grows.
std::string client_call_id(std::string_view upstream, std::vector<std::string>& seen,
                           Translation& translation);

/// The id the upstream gave that call; empty when the client's id is not made of one.
std::string upstream_tool_id(std::string_view client);

}  // namespace tollgate::dialects::gemini_generate
