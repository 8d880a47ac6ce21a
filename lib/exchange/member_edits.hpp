#pragma once

#include <string_view>
#include <vector>

#include "exchange/request_body.hpp"
#include "providers/provider.hpp"

namespace tollgate::exchange {

/// Where the edits stand in a JSON object's text, in order and without overlap. A member that
/// stands more than once is changed at its first place and removed at the others. The text must be
/// valid JSON and an object.
std::vector<Edit> place_edits(std::string_view object,
                              const std::vector<providers::MemberEdit>& edits);

/// The object's text with the edits made.
std::string with_edits(std::string_view object, const std::vector<providers::MemberEdit>& edits);

/// Keys of depth 1, unescaped, in order.
std::vector<std::string> member_keys(std::string_view object);

}  // namespace tollgate::exchange
