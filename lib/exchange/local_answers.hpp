#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/configuration.hpp"
#include "exchange/client_request.hpp"
#include "exchange/environment.hpp"
#include "model/failure.hpp"

namespace tollgate::exchange {

/// An answer the gateway gives by itself.
struct LocalAnswer {
  uint32_t status = 200;
  std::string_view content_type = "application/json";
  std::string body;
  std::optional<model::Failure> failure;
};

/// Answers probes, metrics and the models' list.
LocalAnswer local_answer(const config::Configuration& configuration, const Environment& environment,
                         const ClientRequest& request);

/// The answer of count_tokens.
std::string token_count(int64_t input_tokens);

/// True when a body is this dialect's error object: it can be passed on as it is. Those of Messages
/// (`typed`) name their type; what stands in front of a server may write others.
bool is_error_object(DocumentPool& documents, std::string_view body, bool typed);

/// The status that an error standing in the place of an answer tells, 500 where it tells none; of
/// a list, its first element's. Nothing when the body is no such error.
std::optional<uint32_t> status_of_error(DocumentPool& documents, std::string_view body);

}  // namespace tollgate::exchange
