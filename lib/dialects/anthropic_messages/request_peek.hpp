#pragma once

#include <string_view>

#include "base/status.hpp"
#include "dialects/dialect.hpp"
#include "json/reader.hpp"
#include "json/splice.hpp"
#include "model/request.hpp"

namespace tollgate::dialects::anthropic_messages {

/// What the splice road needs of a request: facts, and where the model's name stands.
struct PeekedRequest {
  model::RequestFacts facts;
  json::Span model;  ///< The raw string, quotes included.
  json::Value root;  ///< Of the document, for whoever reads the rest of the body.
};

/// Reads a request of the splice road. The whole text is checked to be one JSON object; all keys of
/// depth 1 are walked, unescaped; a second `model`, `stream`, `max_tokens` or `tools` is refused,
/// so that no spelling bypasses a policy. Fields we have never heard of are no concern of ours.
///
/// `body` needs json::kPadding readable bytes behind it. kInvalid with a message for the client
/// (position included); kLimit when it nests too deeply.
Result<PeekedRequest> peek_request(json::Document& document, std::string_view body,
                                   Operation operation);

}  // namespace tollgate::dialects::anthropic_messages
