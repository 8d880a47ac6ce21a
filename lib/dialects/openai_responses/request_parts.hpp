#pragma once

// The halves of a request's encoding.

#include <string>
#include <string_view>

#include "base/status.hpp"
#include "dialects/dialect.hpp"
#include "json/writer.hpp"
#include "model/request.hpp"

namespace tollgate::dialects::openai_responses {

/// The input items. A status says, for the client, what cannot be sent at all.
Status write_input(const model::Request& request, Translation& translation, json::Writer& writer);

/// JSON without the white space between its tokens.
std::string compact(std::string_view json);

/// True when this upstream taught that it refuses the field.
bool is_refused(const Translation& translation, std::string_view field);

/// How the model is asked to think.
struct ReasoningPlan {
  bool ask = false;    ///< Whether there is a `reasoning` member.
  std::string effort;  ///< Empty: the model's default.
  bool summary = false;
  bool carry = false;    ///< Encrypted content is asked for.
  bool reasons = false;  ///< As far as is known, the model will reason.
};

/// Reads the client's wish; fills in what the answer's decoder must know of it.
ReasoningPlan plan_reasoning(const model::Request& request, Translation& translation);

/// safety_identifier and prompt_cache_key, where the server takes them.
void write_identity(const model::Request& request, const Translation& translation,
                    json::Writer& writer);

}  // namespace tollgate::dialects::openai_responses
