#include "config/diagnostic.hpp"

#include <algorithm>

#include "json/writer.hpp"

namespace tollgate::config {

std::string to_line(const Diagnostic& diagnostic) {
  std::string line = diagnostic.file + ":" + std::to_string(diagnostic.line) + ":" +
                     std::to_string(diagnostic.column) + ": ";
  if (!diagnostic.path.empty()) line += diagnostic.path + ": ";
  if (diagnostic.severity == Severity::kWarning) line += "warning: ";
  line += diagnostic.message;
  if (!diagnostic.suggestion.empty()) line += " (did you mean " + diagnostic.suggestion + "?)";
  return line;
}

std::string to_json(const std::vector<Diagnostic>& diagnostics) {
  const auto errors =
      std::count_if(diagnostics.begin(), diagnostics.end(),
                    [](const Diagnostic& one) { return one.severity == Severity::kError; });
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  writer.member("errors", static_cast<int64_t>(errors));
  writer.member("warnings", static_cast<int64_t>(diagnostics.size()) - errors);
  writer.key("diagnostics").begin_array();
  for (const Diagnostic& one : diagnostics) {
    writer.begin_object();
    writer.member("severity", one.severity == Severity::kError ? "error" : "warning");
    writer.member("file", one.file);
    writer.key("line").unsigned_integer(one.line);
    writer.key("column").unsigned_integer(one.column);
    writer.member("path", one.path);
    writer.member("message", one.message);
    writer.member("suggestion", one.suggestion);
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
  return out;
}

}  // namespace tollgate::config
