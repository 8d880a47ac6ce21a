#pragma once

#include <optional>
#include <string_view>

#include "base/status.hpp"
#include "dialects/dialect.hpp"
#include "exchange/client_request.hpp"
#include "exchange/environment.hpp"
#include "model/request.hpp"

namespace tollgate::exchange {

/// The path that a body of this shape is posted to. The three dialects are told apart by members
/// that only one of them has; a body that fits Messages is taken for that.
std::string_view path_of_body(std::string_view body, DocumentPool& documents);

/// Reads the facts of a request's body as the exchange does. `decoded` receives the request where
/// the dialect must be decoded for them. kInvalid with a message for the client.
Result<model::RequestFacts> read_facts(const ClientRequest& request, std::string_view body,
                                       DocumentPool& documents,
                                       std::optional<model::Request>& decoded);

}  // namespace tollgate::exchange
