#include "exchange/attempt.hpp"

#include <cassert>
#include <utility>

#include "base/bytes.hpp"
namespace tollgate::exchange {
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

}  // namespace tollgate::exchange
