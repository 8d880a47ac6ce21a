#pragma once

// Tools that the client runs and whose schema only Anthropic's own models know by themselves.

#include <string_view>

#include "model/loss.hpp"
#include "model/request.hpp"

namespace tollgate::dialects {

struct ClientTool {
  std::string_view type_prefix;  ///< "bash_": a date follows.
  std::string_view description;
  std::string_view schema;  ///< JSON.
};

/// What is known of such a tool's type; null for every other tool, those of the browser and the
/// screen among them.
const ClientTool* known_client_tool(const model::Tool& tool);

/// Makes functions of them, for models of others, and notes each.
void describe_client_tools(model::Request& request, model::Losses& losses);

}  // namespace tollgate::dialects
