#include "request_body.hpp"

#include <algorithm>
#include <cstring>

#include "bytes.hpp"
#include "chunked_body.hpp"
#include "host.hpp"
#include "limits.hpp"

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

/// The limit of one wait: the client's silence, and the time the whole body may take.
Deadline next_deadline(Deadline last) {
  return std::min(last, deadline_in(limits::kBodyIdleTime));
}

BodyRead ended(Transport::Outcome outcome) {
  return outcome == Transport::Outcome::kTimeout ? BodyRead::kTimeout : BodyRead::kClientGone;
}

BodyRead read_sized_body(uint64_t left, tg_exchange* exchange, Transport& transport,
                         ReadBuffer& buffer) {
  const Deadline last = deadline_in(limits::kBodyTime);
  while (left > 0) {
    uint8_t* room = nullptr;
    size_t capacity = 0;
    if (!lend_room(exchange, static_cast<size_t>(left), room, capacity)) {
      if (left > buffer.view().size()) return BodyRead::kRefused;
      buffer.consume(static_cast<size_t>(left));
      return BodyRead::kWhole;
    }
    size_t size = static_cast<size_t>(std::min<uint64_t>(left, capacity));
    if (!buffer.empty()) {
      size = std::min(size, buffer.view().size());
      std::memcpy(room, buffer.view().data(), size);
      buffer.consume(size);
    } else {
      const Transport::Read read =
          transport.read_some(reinterpret_cast<char*>(room), size, next_deadline(last));
      if (read.outcome != Transport::Outcome::kBytes) return ended(read.outcome);
      size = read.size;
    }
    tg_exchange_client_body(exchange, {room, size}, now(), nullptr);
    left -= size;
  }
  return BodyRead::kWhole;
}

BodyRead read_chunked_body(tg_exchange* exchange, Transport& transport, ReadBuffer& buffer) {
  const Deadline last = deadline_in(limits::kBodyTime);
  ChunkedBody body;
  while (true) {
    std::string_view bytes = buffer.view();
    const size_t before = bytes.size();
    std::string_view content;
    const ChunkedBody::Step step = body.next(bytes, content);
    if (step == ChunkedBody::Step::kContent) {
      uint8_t* room = nullptr;
      size_t capacity = 0;
      if (!lend_room(exchange, content.size(), room, capacity)) return BodyRead::kRefused;
      tg_exchange_client_body(exchange, to_bytes(content), now(), nullptr);
    }
    buffer.consume(before - bytes.size());
    if (step == ChunkedBody::Step::kEnd) return BodyRead::kWhole;
    if (step == ChunkedBody::Step::kInvalid) return BodyRead::kInvalid;
    if (step == ChunkedBody::Step::kContent) continue;
    const Transport::Read read = buffer.fill(transport, next_deadline(last));
    if (read.outcome != Transport::Outcome::kBytes) return ended(read.outcome);
  }
}

}  // namespace

BodyRead read_body(const RequestHead& head, tg_exchange* exchange, Transport& transport,
                   ReadBuffer& buffer) {
  return head.chunked ? read_chunked_body(exchange, transport, buffer)
                      : read_sized_body(head.content_length, exchange, transport, buffer);
}

}  // namespace tollgate::server
