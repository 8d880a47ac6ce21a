#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tollgate::config {

enum class Severity : uint8_t { kError, kWarning };

/// One thing to say about a configuration text.
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string file;
  size_t line = 0;    ///< From 1.
  size_t column = 0;  ///< From 1.
  /// Within its document: "integrations[2].model_id". Which document, the line says.
  std::string path;
  std::string message;
  std::string suggestion;  ///< The nearest right key or name; empty when there is none.
};

/// "FILE:LINE:COLUMN: PATH: text (did you mean X?)".
std::string to_line(const Diagnostic& diagnostic);

/// {"errors", "warnings", "diagnostics": […]} as tg_config_check() documents it.
std::string to_json(const std::vector<Diagnostic>& diagnostics);

}  // namespace tollgate::config
