#pragma once

#include <cstdint>
#include <string_view>

#include "providers/provider.hpp"

// What all upstreams have in common that speak OpenAI's dialects: choice of the dialect, headers.
namespace tollgate::providers::openai_calls {

enum class Api : uint8_t { kChat, kResponses };

/// What this endpoint is spoken to in: what its integration says, else what its upstream taught,
/// else what is known of the model, else `fallback`.
Api choose_api(const Endpoint& endpoint, Api fallback);

const dialects::Dialect& dialect_of(Api api);

/// "/responses", "/responses/input_tokens" or "/chat/completions".
std::string_view path_of(Api api, dialects::Operation operation);

/// Azure: whether an api-version is a date. Nothing, "v1", "latest" and "preview" mean the surface
/// without dates.
bool is_dated(std::string_view api_version);

/// The traits of OpenAI's own models that depend on the model.
void add_model_traits(const Endpoint& endpoint, model::UpstreamTraits& traits);

/// The model by the name that tells what it is.
std::string_view known_name(const Endpoint& endpoint);

/// The account's own headers, the few of the client's that mean something here, and what the answer
/// must be.
Status add_headers(const CallContext& context, wire::Headers& headers);

/// The account's key: in the header `key_header`, or as Authorization where that is empty.
Status add_credential(const CallContext& context, std::string_view key_header,
                      wire::Headers& headers);

bool passes_answer_header(std::string_view name);

}  // namespace tollgate::providers::openai_calls
