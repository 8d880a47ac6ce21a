#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tollgate {

/// Standard alphabet, with padding.
std::string base64_encode(std::string_view bytes);
/// Strict: the standard alphabet, right padding, nothing else. Nothing when it is not so.
std::optional<std::string> base64_decode(std::string_view text);
/// URL alphabet, without padding.
std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace tollgate
