#pragma once

// Marks of Anthropic's prompt cache, for clouds that take less in them than Anthropic does.

#include <string>
#include <string_view>

#include "model/loss.hpp"

namespace tollgate::providers {

/// The raw JSON with no more in each `cache_control` than its type and ttl; empty when there is
/// nothing to take away.
std::string plain_cache_control(std::string_view json_text, model::Losses& losses);

}  // namespace tollgate::providers
