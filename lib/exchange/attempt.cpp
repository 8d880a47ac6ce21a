#include "exchange/attempt.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/bytes.hpp"

namespace tollgate::exchange {
namespace {

// What every event carries around its text. The least that was measured, so that what is left
// errs high.
constexpr uint64_t kEventBytes = 100;
// Of text; English has four, code and other scripts fewer.
constexpr uint64_t kTextBytesPerToken = 3;

}  // namespace

Attempt::Attempt(uint32_t number, size_t candidate, const ledger::Lease& principal_lease,
                 ledger::Lease target_lease, providers::UpstreamRequest request,
                 std::unique_ptr<RequestBody> body, Time now)
    : number_(number),
      candidate_(candidate),
      lease_(std::move(target_lease)),
      request_(std::move(request)),
      opened_ns_(now.mono_ns),
      body_(std::move(body)) {
  assert(principal_lease.open());
  assert(lease_.open());
  static_cast<void>(principal_lease);
  header_views_.reserve(request_.headers.size() * 2);
  for (size_t i = 0; i < request_.headers.size(); ++i) {
    const wire::Header header = request_.headers.at(i);
    header_views_.push_back(bytes_of(header.name));
    header_views_.push_back(bytes_of(header.value));
  }
  last_bytes_ns = now.mono_ns;
}

void Attempt::note_stream(std::string_view bytes) {
  stream_bytes_ += bytes.size();
  // An event's end that falls between two pieces is missed, which errs high again.
  const std::string_view mark = framing == providers::Framing::kSse ? "\n\n" : ":message-type";
  for (size_t at = bytes.find(mark); at != std::string_view::npos;
       at = bytes.find(mark, at + mark.size())) {
    ++stream_events_;
  }
}

int64_t Attempt::delivered_tokens() const {
  const uint64_t around = std::min(stream_bytes_, stream_events_ * kEventBytes);
  return static_cast<int64_t>((stream_bytes_ - around) / kTextBytesPerToken + stream_events_);
}

}  // namespace tollgate::exchange
