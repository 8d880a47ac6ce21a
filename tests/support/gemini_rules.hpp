#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::test {

/// What a strict generateContent server knows of itself and of the call it looks at.
struct GeminiServer {
  int generation = 3;  ///< 2, 3 or 4.
  bool vertex = false;
  bool stream = true;
  bool counting = false;  ///< countTokens instead of generateContent.
  /// Signatures this server gave out; with any here, every other one is refused.
  std::set<std::string> signatures;
};

/// Everything such a server would refuse the body for, a line each; empty when it would take it.
std::vector<std::string> gemini_refusals(std::string_view body, const GeminiServer& server);

/// The keywords a schema may hold that it must not, with their paths.
std::vector<std::string> gemini_schema_refusals(std::string_view schema, bool json_schema);

}  // namespace tollgate::test
