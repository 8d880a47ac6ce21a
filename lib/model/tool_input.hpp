#pragma once

#include <string>
#include <string_view>

namespace tollgate::model {

/// A tool call's arguments as a JSON object, whatever an upstream wrote: nothing becomes {}; what
/// is no JSON (cut by a limit, made up by a model) or no object is kept as text in
/// {"__unparsedToolInput": …}, the member Claude Code uses. Block::input must be made by this where
/// arguments come as text.
std::string tool_input(std::string_view arguments);

}  // namespace tollgate::model
