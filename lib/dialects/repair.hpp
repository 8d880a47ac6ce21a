#pragma once

// Brings a conversation into the shape that every upstream but Anthropic's own insists on. Claude
// Code's history breaks it after an interrupt, a resume or a compaction.

#include <cstdint>

#include "model/loss.hpp"
#include "model/request.hpp"

namespace tollgate::dialects {

struct RepairRules {
  uint32_t tool_id_bytes_max = 64;
  bool merge_turns = false;     ///< User and assistant turns must alternate.
  bool system_in_place = true;  ///< Else a system message among others becomes a user's reminder.
};

/// A copy to repair, but for the tools: no repair changes them, and most of a request's bytes are
/// theirs.
model::Request without_tools(const model::Request& request);

/// Changes the request in place, and notes each repair:
///  - the client's attribution block (it changes per request) goes from `system`;
///  - empty text blocks go; a turn left empty says "(empty)";
///  - every tool call is answered in the very next user turn, once, in the order of the calls and
///    before anything else there: missing results are made up as interrupted, orphans, late and
///    second ones become user text;
///  - tool ids are unique and `[A-Za-z0-9_-]{1,max}`, the same for a call and its result.
void repair(model::Request& request, const RepairRules& rules, model::Losses& losses);

}  // namespace tollgate::dialects
