#pragma once

// A request's body on its way into the exchange, as far as the connection has delivered it.

#include <cstdint>

#include "tollgate/tollgate.h"

#include "chunked_body.hpp"
#include "http_head.hpp"
#include "read_buffer.hpp"
#include "transport.hpp"

namespace tollgate::server {

class RequestBody {
 public:
  enum class Step {
    kWait,     ///< More is to come.
    kWhole,    ///< Every byte was taken off the connection.
    kRefused,  ///< The exchange has its answer already; the rest of the body is left.
    kClientGone,
    kInvalid  ///< Not the chunked encoding.
  };

  RequestBody() = default;
  explicit RequestBody(const RequestHead& head)
      : left_(head.content_length), is_chunked_(head.chunked) {}

  /// Takes what is there, straight into the exchange's own memory where the size is known.
  Step take(tg_exchange* exchange, Transport& transport, ReadBuffer& buffer);

 private:
  Step take_sized(tg_exchange* exchange, Transport& transport, ReadBuffer& buffer);
  Step take_chunks(tg_exchange* exchange, Transport& transport, ReadBuffer& buffer);

  ChunkedBody chunks_;
  uint64_t left_ = 0;
  bool is_chunked_ = false;
};

}  // namespace tollgate::server
