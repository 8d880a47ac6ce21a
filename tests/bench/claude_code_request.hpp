#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tollgate::bench {

/// A Messages request of the shape that Claude Code sends: model first; system blocks with
/// cache_control; a history with tool calls, their results and thinking; tools with JSON schemas;
/// stream last. `bytes` is what it should weigh, met within a few hundred bytes; 2,000 at least.
std::string claude_code_request(std::string_view model, bool stream, size_t bytes);

/// The headers of such a request, but for host and content-length.
std::vector<std::pair<std::string, std::string>> claude_code_headers(std::string_view token);

}  // namespace tollgate::bench
