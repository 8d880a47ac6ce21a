#pragma once

#include <cstddef>

#include "dialects/dialect.hpp"

namespace tollgate::dialects {

/// Which names an upstream takes for tools.
struct ToolNameRules {
  size_t bytes_max = 64;
  bool dots_and_colons = false;     ///< Takes them besides letters, digits, "_" and "-".
  bool starts_with_letter = false;  ///< Or an underscore.
};

/// Fills in translation.tool_names for every tool of the request (and of its history) whose name
/// the upstream would refuse: cut, with 8 hex digits of its hash behind it, so that the same name
/// always becomes the same one and no two collide. Notes each as renamed. Notes the tools' own
/// names too, and the ids of the conversation's tool calls: a new call must not have the id of an
/// old one.
void map_tool_names(const model::Request& request, const ToolNameRules& rules,
                    Translation& translation);

/// A tool id the upstream made, as the client may see it: itself where it is
/// `[A-Za-z0-9_-]{6,64}` and new in this conversation, else one of ours. `seen` grows.
std::string client_tool_id(std::string_view upstream, std::vector<std::string>& seen,
                           Translation& translation);

}  // namespace tollgate::dialects
