#pragma once

// A request's body on its way into the exchange.

#include "tollgate/tollgate.h"

#include "http_head.hpp"
#include "read_buffer.hpp"
#include "transport.hpp"

namespace tollgate::server {

enum class BodyRead {
  kWhole,    ///< Every byte was taken off the connection.
  kRefused,  ///< The exchange has its answer already; the rest of the body was left.
  kClientGone,
  kInvalid,  ///< Not the chunked encoding.
  kTimeout
};

/// Receives the body straight into the exchange's own memory where its size is known.
BodyRead read_body(const RequestHead& head, tg_exchange* exchange, Transport& transport,
                   ReadBuffer& buffer);

}  // namespace tollgate::server
