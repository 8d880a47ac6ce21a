#include "dialects/bedrock_converse/betas.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "dialects/bedrock_converse/lessons.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

constexpr std::string_view kAccepted[] = {
    "computer-use-2024-10-22",
    "computer-use-2025-01-24",
    "context-1m-2025-08-07",
    "context-management-2025-06-27",
    "dev-full-thinking-2025-05-14",
    "effort-2025-11-24",
    "fine-grained-tool-streaming-2025-05-14",
    "interleaved-thinking-2025-05-14",
    "mcp-client-2025-04-04",
    "mcp-client-2025-11-20",
    "model-context-window-exceeded-2025-08-26",
    "output-128k-2025-02-19",
    "pdfs-2024-09-25",
    "search-results-2025-06-09",
    "token-counting-2024-11-01",
    "token-efficient-tools-2025-02-19",
    "tool-examples-2025-10-29",
    "tool-search-tool-2025-10-19",
    "web-search-2025-03-05",
};

struct Renamed {
  std::string_view client;
  std::string_view bedrock;
};

constexpr Renamed kRenamed[] = {{"advanced-tool-use-2025-11-20", "tool-search-tool-2025-10-19"}};

std::string_view name_here(std::string_view beta) {
  for (const Renamed& row : kRenamed) {
    if (row.client == beta) return row.bedrock;
  }
  return beta;
}

bool is_taken(const model::Lessons& lessons, std::string_view beta) {
  return std::find(std::begin(kAccepted), std::end(kAccepted), beta) != std::end(kAccepted) &&
         !is_refused(lessons, kBetaField) &&
         !is_refused(lessons, std::string(kBetaField) + "." + std::string(beta));
}

}  // namespace

std::vector<std::string> bedrock_betas(std::string_view list, const model::Lessons& lessons,
                                       model::Losses& losses) {
  std::vector<std::string> taken;
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    const std::string_view asked = ascii::trim(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (asked.empty()) continue;
    const std::string_view beta = name_here(asked);
    if (!is_taken(lessons, beta)) {
      losses.add(model::LossKind::kDropped, "anthropic-beta " + std::string(asked));
      continue;
    }
    if (beta != asked) {
      losses.add(model::LossKind::kRenamed,
                 "anthropic-beta " + std::string(asked) + " -> " + std::string(beta));
    }
    if (std::find(taken.begin(), taken.end(), beta) == taken.end()) taken.emplace_back(beta);
  }
  return taken;
}

}  // namespace tollgate::dialects::bedrock_converse
