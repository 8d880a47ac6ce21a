#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tollgate::json {

/// Where a text stops being JSON, and why, for an error a person can use.
struct Fault {
  size_t offset = 0;
  size_t line = 1;        ///< From 1.
  size_t column = 1;      ///< From 1, in characters (code points), not bytes.
  std::string what;       ///< "expected a comma or a closing brace", never text of the input.
  bool too_deep = false;  ///< Valid so far, but nested beyond limits::kJsonDepthMax.
};

/// Finds the first fault of a text that the parser refused. Slow and exact; used on errors only.
/// For a text without fault, `what` is empty. Line ends are line feeds.
Fault find_fault(std::string_view text);

}  // namespace tollgate::json
