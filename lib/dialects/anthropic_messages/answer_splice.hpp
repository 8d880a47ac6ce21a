#pragma once

#include <string>
#include <string_view>

#include "base/status.hpp"
#include "json/reader.hpp"
#include "model/failure.hpp"
#include "model/usage.hpp"

namespace tollgate::dialects::anthropic_messages {

/// What a whole answer of the splice road tells.
struct AnswerFacts {
  model::Usage usage;
  std::string stop_reason;
  std::string upstream_model;
};

/// Replaces the model's name at the top of a whole JSON answer by the client's, in place; all other
/// bytes stay. kInvalid when the text is not a JSON object with "type":"message" (HTML, empty,
/// cut).
Result<AnswerFacts> splice_answer(json::Document& document, std::string& body,
                                  std::string_view client_model);

/// The usage object of this dialect, as found in answers and events.
model::UsagePatch read_usage(json::Value usage);

/// Turns the error object of this dialect ({"type","message"}) into a failure; `status` 0 takes the
/// status that belongs to the type.
model::Failure read_error(json::Value error, uint32_t status);

/// The wire's error type of a failure ("overloaded_error"), and the status that belongs to a type
/// (0 when unknown).
std::string_view error_type(const model::Failure& failure);
uint32_t status_of_error_type(std::string_view type);

}  // namespace tollgate::dialects::anthropic_messages
