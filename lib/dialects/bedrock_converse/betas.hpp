#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/lesson.hpp"
#include "model/loss.hpp"

namespace tollgate::dialects::bedrock_converse {

/// Name of a dropped `anthropic_beta` in lessons.
inline constexpr std::string_view kBetaField = "anthropic_beta";

/// Those of a comma list of anthropic-beta values that Bedrock takes, by the names it knows, each
/// once; one it does not know would fail the request. Others are noted. None where the upstream
/// taught that it takes none.
std::vector<std::string> bedrock_betas(std::string_view list, const model::Lessons& lessons,
                                       model::Losses& losses);

}  // namespace tollgate::dialects::bedrock_converse
