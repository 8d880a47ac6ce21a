#pragma once

#include <cstdint>
#include <string_view>

#include "model/failure.hpp"
#include "wire/headers.hpp"

namespace tollgate::dialects::bedrock_converse {

/// An error answer of any operation of Amazon Bedrock.
model::Failure decode_error(uint32_t status, const wire::Headers& headers, std::string_view body);

/// An exception or error inside an event stream, by its type; `data` is its JSON.
model::Failure exception_failure(std::string_view type, std::string_view data);
/// True for the names that such frames have, which no event has.
bool is_exception(std::string_view name);

/// The model wrote a tool call or an answer that cannot be read.
model::Failure malformed_failure();

}  // namespace tollgate::dialects::bedrock_converse
