#pragma once

#include <cstdint>
#include <vector>

#include "json/reader.hpp"

namespace tollgate::dialects::gemini_generate {

/// A schema inside of another that has still to be looked at.
struct PendingSchema {
  json::Value schema;
  uint32_t depth = 0;
};

/// Whether a member of a function's parameters needs no cleaning, in itself nor in anything inside
/// it: it may go out as it stands where JSON schemas are taken. Most of what tools are described
/// with is so. False where that is not simple to tell. `top` is the schema whose member it is; its
/// type is "object". `room` is memory to work in.
bool is_untouched_member(json::Value top, json::Member member, std::vector<PendingSchema>& room);

}  // namespace tollgate::dialects::gemini_generate
