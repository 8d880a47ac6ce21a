#pragma once

// What the servers of the OpenAI family say when they refuse, in either of its dialects.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "json/reader.hpp"
#include "model/failure.hpp"
#include "model/lesson.hpp"
#include "wire/headers.hpp"

namespace tollgate::dialects {

/// An error as it was told, whatever its shape.
struct OpenaiError {
  std::string message;
  std::string type;
  std::string code;
  std::string param;
  std::string categories;  ///< What a content filter found: "hate, violence".
  uint32_t status = 0;     ///< A status told inside the body; 0: none.
};

/// Reads the body of an error answer or the data of an error event. What tells no error gives
/// empty members.
OpenaiError read_openai_error(json::Value root);

/// What an error means. `status` 0: the error came inside a stream.
model::Failure openai_failure(uint32_t status, const OpenaiError& error);
/// The same for an error answer, with the wait its headers ask for.
model::Failure openai_failure(uint32_t status, const wire::Headers& headers, std::string_view body);

/// Whether a refusal says no more than that the limit of tokens left no room for an answer.
bool is_refused_for_its_limit(uint32_t status, std::string_view body);

/// What a refusal teaches, when the same request written otherwise would be taken.
std::optional<model::Lesson> openai_lesson(uint32_t status, std::string_view body);

/// {"error":{"message":…,"type":…,"param":null,"code":…}}, for clients of either dialect.
void encode_openai_error(const model::Failure& failure, std::string& out);
/// The type and code these clients know a failure by; the code may be empty.
std::string_view openai_error_type(const model::Failure& failure);
std::string_view openai_error_code(const model::Failure& failure);

}  // namespace tollgate::dialects
