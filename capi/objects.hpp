#pragma once

// The opaque objects, and what several exported functions share.

#include <memory>

#include "tollgate/gateway.h"

#include "capi/guard.hpp"
#include "gateway/gateway.hpp"

struct tg_gateway {
  std::shared_ptr<tollgate::gateway::Gateway> gateway;
};

namespace tollgate::capi {

/// What a host calls its configuration, and a client's address.
inline constexpr size_t kNameBytesMax = 4'096;

/// Reads a caller's options into the library's. kAbi, kInvalid.
Status read_gateway_options(const tg_gateway_options* given, gateway::GatewayOptions& options);

/// Gives a text to the caller.
inline void export_text(std::string bytes, tg_text** text) {
  *text = new tg_text{std::move(bytes)};
}

}  // namespace tollgate::capi
