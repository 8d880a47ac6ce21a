#pragma once

// Tool definitions for the OpenAI family, in either of its dialects.

#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "dialects/dialect.hpp"

namespace tollgate::dialects {

/// What a server takes of a tool's schema.
struct OpenaiSchemaRules {
  bool additional_properties = true;  ///< "additionalProperties": false is taken.
  bool inline_refs = false;           ///< $ref is not followed there.
  bool plain = false;                 ///< No "pattern", no "format".
};

/// A tool's input schema as `parameters`: an object with properties, nothing at its top that the
/// service refuses. The text must be a JSON object; empty is an object without properties.
std::string openai_parameters(std::string_view input_schema, const OpenaiSchemaRules& rules);

/// Whether a schema can be sent with "strict": true.
bool is_strict_clean(std::string_view schema);

struct OpenaiTool {
  std::string name;  ///< The upstream's.
  std::string description;
  std::string parameters;  ///< Raw JSON.
  bool strict = false;     ///< Asked for by the client, and the schema and the server allow it.
};

struct OpenaiTools {
  std::vector<OpenaiTool> functions;
  const model::Tool* web_search = nullptr;  ///< Of the request; the server has one of its own.
  std::string system_text;  ///< Descriptions that did not fit, for the end of the system prompt.
};

/// The request's tools as this upstream takes them. Left out, with a note: server tools it has not,
/// and deferred tools nobody asked for where there are too many. A status with the text for the
/// client when one that is needed cannot be served, or too many are left. Names must have been
/// mapped before. `can_search`: the dialect has a place for the server's own web search.
Result<OpenaiTools> openai_tools(const model::Request& request, Translation& translation,
                                 bool can_search);

}  // namespace tollgate::dialects
