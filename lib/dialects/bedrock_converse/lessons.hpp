#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/lesson.hpp"

namespace tollgate::dialects::bedrock_converse {

/// What a refusal teaches: betas, fields, bounds or reasoning that this model does not take.
std::optional<model::Lesson> read_lesson(uint32_t status, std::string_view body);

/// True when a lesson says that the field must not be sent.
bool is_refused(const model::Lessons& lessons, std::string_view field);

}  // namespace tollgate::dialects::bedrock_converse
