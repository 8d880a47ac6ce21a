#include "dialects/gemini_generate/tool_ids.hpp"

#include "dialects/tool_names.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

// Our own ids have letters and digits behind "toolu_", never an underscore.
constexpr std::string_view kMark = "toolu_g_";

}  // namespace

std::string client_call_id(std::string_view upstream, std::vector<std::string>& seen,
                           Translation& translation) {
  return client_tool_id(upstream.empty() ? std::string() : std::string(kMark).append(upstream),
                        seen, translation);
}

std::string upstream_tool_id(std::string_view client) {
  if (!client.starts_with(kMark)) return {};
  return std::string(client.substr(kMark.size()));
}

}  // namespace tollgate::dialects::gemini_generate
