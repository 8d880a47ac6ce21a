#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tollgate::server {

/// An answer of `GET /v1/usage/me` for people: a line for each counter of each budget and rate
/// limit. Nothing when the text is no such answer.
std::optional<std::string> left_table(std::string_view answer);

}  // namespace tollgate::server
