#pragma once

#include <string_view>

#include "providers/provider.hpp"

namespace tollgate::providers {

/// The headers of a call that speaks Anthropic Messages, short of its credential: the account's
/// own, what the client says of itself, betas, version.
Status add_messages_headers(const CallContext& context, wire::Headers& headers);

/// Whether a header of an answer that speaks Anthropic Messages may reach the client.
bool passes_messages_header(const Account& account, std::string_view name);

}  // namespace tollgate::providers
