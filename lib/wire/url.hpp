#pragma once

#include <string>
#include <string_view>

#include "base/status.hpp"

namespace tollgate::wire {

/// A request target or URL cut into parts; views into the text given.
struct Target {
  std::string_view path;   ///< "/v1/messages".
  std::string_view query;  ///< "beta=true", without the question mark.
};

/// Cuts "/v1/messages?beta=true" (or the absolute form) into path and query. kInvalid when it is
/// neither, or holds control characters or spaces.
Result<Target> parse_target(std::string_view target);

/// An absolute http or https URL.
struct UrlParts {
  std::string_view scheme;     ///< "https", as written.
  std::string_view authority;  ///< "host:port".
  std::string_view host;       ///< Without port and brackets.
  std::string_view path;       ///< May be empty; query and fragment are refused.
};

/// kInvalid when it is not such a URL, has user information, a query or a fragment.
Result<UrlParts> parse_base_url(std::string_view url);

/// Appends `text` as one path segment or query value: all but RFC 3986's unreserved characters as
/// %XX.
void append_percent_encoded(std::string& out, std::string_view text);

/// `base` and `path` with exactly one slash between them.
std::string join_url(std::string_view base, std::string_view path);

}  // namespace tollgate::wire
