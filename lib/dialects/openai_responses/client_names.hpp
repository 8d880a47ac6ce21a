#pragma once

// How things that only clients of this dialect have are named in the hub, so that the way back
// needs no memory.

#include <string>
#include <string_view>

namespace tollgate::dialects::openai_responses {

/// A custom tool takes text, not JSON: in the hub it is a tool with one member, `input`, and with
/// this behind its name.
inline constexpr std::string_view kFreeformSuffix = "__freeform";

/// Before a signature of another maker, to tell what went through here from OpenAI's own.
inline constexpr std::string_view kSignaturePrefix = "tgs.";
/// Before the data of redacted thinking.
inline constexpr std::string_view kRedactedPrefix = "tgx.";

}  // namespace tollgate::dialects::openai_responses
