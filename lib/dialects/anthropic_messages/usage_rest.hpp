#pragma once

#include <string>
#include <string_view>

#include "json/reader.hpp"
#include "model/response.hpp"
#include "model/usage.hpp"

namespace tollgate::dialects::anthropic_messages {

/// The members of a usage object that encode_usage(patch) would not write, raw, without braces.
std::string usage_rest(json::Value usage, std::string_view text, const model::UsagePatch& patch);

/// The same of raw members without braces. What one event did not say another may have said, and no
/// member may stand beside the one that is written for it.
std::string usage_rest(std::string_view members, const model::UsagePatch& patch);

/// read_usage() with the unknown members of each iteration.
model::UsagePatch read_usage_whole(json::Value usage, std::string_view text);

/// Reads a stop reason, null included; a name we do not know is kept.
void read_stop_reason(json::Value value, model::StopReason& reason, std::string& name);

}  // namespace tollgate::dialects::anthropic_messages
