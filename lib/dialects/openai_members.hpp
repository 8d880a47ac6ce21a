#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include "json/reader.hpp"

namespace tollgate::dialects {

/// The first of `keys` that an object has more than once. The gateway acts on such a member, and an
/// upstream that reads the other one would do something else than was allowed.
std::optional<std::string_view> repeated_member(json::Value object,
                                                std::initializer_list<std::string_view> keys);

}  // namespace tollgate::dialects
