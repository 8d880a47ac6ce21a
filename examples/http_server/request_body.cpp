#include "request_body.hpp"

#include <algorithm>
#include <cstring>

#include "bytes.hpp"
#include "host.hpp"

namespace tollgate::server {

namespace {

/// Asks the exchange for room. False when it wants no more: then its answer is ready.
bool lend_room(tg_exchange* exchange, size_t hint, uint8_t*& room, size_t& capacity) {
  const tg_status status = tg_exchange_body_buffer(exchange, hint, &room, &capacity, nullptr);
  if (status == TG_E_LIMIT) {
    // One byte above what is allowed brings the refusal out.
    tg_exchange_client_body(exchange, to_bytes("x"), now(), nullptr);
  }
  return status == TG_OK;
}

RequestBody::Step without_bytes(Transport::Outcome outcome) {
  return outcome == Transport::Outcome::kWait ? RequestBody::Step::kWait
                                              : RequestBody::Step::kClientGone;
}

}  // namespace

RequestBody::Step RequestBody::take(tg_exchange* exchange, Transport& transport,
                                    ReadBuffer& buffer) {
  return is_chunked_ ? take_chunks(exchange, transport, buffer)
                     : take_sized(exchange, transport, buffer);
}

RequestBody::Step RequestBody::take_sized(tg_exchange* exchange, Transport& transport,
                                          ReadBuffer& buffer) {
  while (left_ > 0) {
    uint8_t* room = nullptr;
    size_t capacity = 0;
    if (!lend_room(exchange, static_cast<size_t>(left_), room, capacity)) {
      if (left_ > buffer.view().size()) return Step::kRefused;
      buffer.consume(static_cast<size_t>(left_));
      return Step::kWhole;
    }
    size_t size = static_cast<size_t>(std::min<uint64_t>(left_, capacity));
    if (!buffer.empty()) {
      size = std::min(size, buffer.view().size());
      std::memcpy(room, buffer.view().data(), size);
      buffer.consume(size);
    } else {
      const Transport::Result read = transport.read(reinterpret_cast<char*>(room), size);
      if (read.outcome != Transport::Outcome::kBytes) return without_bytes(read.outcome);
      size = read.size;
    }
    tg_exchange_client_body(exchange, {room, size}, now(), nullptr);
    left_ -= size;
  }
  return Step::kWhole;
}

RequestBody::Step RequestBody::take_chunks(tg_exchange* exchange, Transport& transport,
                                           ReadBuffer& buffer) {
  while (true) {
    std::string_view bytes = buffer.view();
    const size_t before = bytes.size();
    std::string_view content;
    const ChunkedBody::Step step = chunks_.next(bytes, content);
    if (step == ChunkedBody::Step::kContent) {
      uint8_t* room = nullptr;
      size_t capacity = 0;
      if (!lend_room(exchange, content.size(), room, capacity)) return Step::kRefused;
      tg_exchange_client_body(exchange, to_bytes(content), now(), nullptr);
    }
    buffer.consume(before - bytes.size());
    if (step == ChunkedBody::Step::kEnd) return Step::kWhole;
    if (step == ChunkedBody::Step::kInvalid) return Step::kInvalid;
    if (step == ChunkedBody::Step::kContent) continue;
    const Transport::Result read = buffer.fill(transport);
    if (read.outcome != Transport::Outcome::kBytes) return without_bytes(read.outcome);
  }
}

}  // namespace tollgate::server
