#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/lesson.hpp"
#include "model/loss.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers {

/// The value of the lesson about messages with the role system.
inline constexpr std::string_view kSystemRoleLesson = "messages.system";

/// What a 400 of a server of Anthropic Messages teaches. Clients shape a request by the name they
/// know the model by; a model behind an alias may know less than that name promises.
std::optional<model::Lesson> messages_lesson(uint32_t status, std::string_view body);

/// The name of the member at the top that a 400 does not permit.
std::optional<std::string_view> refused_member(std::string_view message);

/// Whether the upstream has refused this value of anthropic-beta; `lessons` may be null.
bool is_beta_refused(const model::Lessons* lessons, std::string_view beta);

/// Takes out of a body what the upstream has refused: nothing while it has taught nothing.
/// `lessons` may be null. Members that `edits` change already are read as they become.
void follow_messages_lessons(const model::Lessons* lessons, std::string_view body,
                             std::vector<MemberEdit>& edits, model::Losses& losses);

}  // namespace tollgate::providers
