#include "model/tool_input.hpp"

#include "json/reader.hpp"
#include "json/splice.hpp"

namespace tollgate::model {

std::string tool_input(std::string_view arguments) {
  if (arguments.find_first_not_of(" \t\r\n") == std::string_view::npos) return "{}";
  json::Document document;
  const Result<json::Value> parsed = document.parse(arguments);
  if (parsed.ok() && parsed.value().is_object()) return std::string(arguments);
  std::string out = "{\"__unparsedToolInput\":";
  json::append_string(out, arguments);
  return out + "}";
}

}  // namespace tollgate::model
