#include "exchange/attempt.hpp"

#include <cassert>
#include <utility>

namespace tollgate::exchange {
namespace {

tg_bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

Attempt::Attempt(uint32_t number, size_t candidate, const ledger::Lease& principal_lease,
                 ledger::Lease target_lease, providers::UpstreamRequest request, Time now)
    : number_(number),
      candidate_(candidate),
      lease_(std::move(target_lease)),
      request_(std::move(request)),
      opened_ns_(now.mono_ns) {
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

void Attempt::set_spliced_body(std::string_view body, size_t span_offset, size_t span_size,
                               std::string model) {
  if (body.substr(span_offset, span_size) == model) {
    set_plain_body(body);
    return;
  }
  model_json_ = std::move(model);
  spans_ = {bytes_of(body.substr(0, span_offset)), bytes_of(model_json_),
            bytes_of(body.substr(span_offset + span_size))};
  span_count_ = 3;
}

void Attempt::set_plain_body(std::string_view body) {
  spans_[0] = bytes_of(body);
  span_count_ = body.empty() ? 0 : 1;
}

void Attempt::set_own_body(std::string body) {
  own_body_ = std::move(body);
  set_plain_body(own_body_);
}

void Attempt::drop_body() {
  span_count_ = 0;
  std::string().swap(own_body_);
}

uint64_t Attempt::body_size() const {
  uint64_t size = 0;
  for (uint32_t i = 0; i < span_count_; ++i)
    size += spans_[i].size;
  return size;
}

}  // namespace tollgate::exchange
