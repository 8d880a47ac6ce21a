#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/loss.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers::google_vertex {

/// What a body of Claude's own API needs to be taken by rawPredict.
Status edit_claude_body(const CallContext& context, std::string_view body,
                        std::vector<MemberEdit>& edits, model::Losses& losses);

/// The betas to send: of the client's those that Vertex takes, since one it does not know refuses
/// the request; what the account or the caller asked for by name goes as it is.
std::string claude_betas(const CallContext& context);

/// What a 400 teaches: a beta that this model does not take.
std::optional<model::Lesson> claude_lesson(uint32_t status, std::string_view body);

}  // namespace tollgate::providers::google_vertex
