#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tollgate/abi.h"

#include "base/time.hpp"
#include "dialects/dialect.hpp"
#include "exchange/request_body.hpp"
#include "exchange/road.hpp"
#include "ledger/lease.hpp"
#include "pricing/price_book.hpp"
#include "providers/provider.hpp"
#include "wire/headers.hpp"

namespace tollgate::exchange {

/// One call to an upstream. It cannot be made without the two leases that admission gives: the
/// exchange's own (the principal's scopes) and the attempt's (the target's scopes). This is the
/// choke point: no other code emits an UPSTREAM_OPEN for a client's request.
class Attempt {
 public:
  Attempt(uint32_t number, size_t candidate, const ledger::Lease& principal_lease,
          ledger::Lease target_lease, providers::UpstreamRequest request,
          std::unique_ptr<RequestBody> body, Time now);

  uint32_t number() const { return number_; }
  size_t candidate() const { return candidate_; }
  ledger::Lease& lease() { return lease_; }
  uint64_t opened_ns() const { return opened_ns_; }
  const providers::UpstreamRequest& request() const { return request_; }
  /// Name and value views of the request's headers, as the action wants them.
  const std::vector<tg_bytes>& header_views() const { return header_views_; }

  RequestBody& body() { return *body_; }

  /// Counts what came of an answer that streams.
  void note_stream(std::string_view bytes);
  /// Tokens of output that those bytes can be, told high: for answers that no usage ends.
  int64_t delivered_tokens() const;

  bool sent = false;      ///< The host has let go of the body.
  bool ended = false;     ///< The upstream's end or failure was told: nothing to cancel.
  uint32_t status = 0;    ///< 0 until the head came.
  wire::Headers head;     ///< What of the answer's head may reach the client.
  std::string date;       ///< Of an error: what the upstream takes for the time.
  std::string collected;  ///< A whole answer's bytes.
  size_t collected_max = 0;
  bool error_answer = false;
  bool bytes_seen = false;                             ///< Of the answer's body.
  std::unique_ptr<dialects::Translation> translation;  ///< Before the road, which refers to it.
  providers::Framing framing = providers::Framing::kSse;
  bool whole_as_stream = false;  ///< The upstream answers whole where a stream was asked for.
  bool rewritten = false;        ///< The answer's head and frames are not the upstream's.
  std::optional<pricing::FoundPrice> price;
  pricing::Demand demand;  ///< What its reservation is for.
  /// Where some budget reserves estimates: what is reserved in it so far, with `extensions`.
  std::optional<NanoUsd> covered;
  std::vector<ledger::Lease> extensions;
  bool cut = false;         ///< Ended by the gateway at a budget's limit.
  bool translated = false;  ///< The answer comes in another dialect than the client's.
  std::unique_ptr<StreamRoad> road;
  uint64_t last_bytes_ns = 0;

 private:
  uint64_t stream_bytes_ = 0;
  uint64_t stream_events_ = 0;
  uint32_t number_;
  size_t candidate_;
  ledger::Lease lease_;
  providers::UpstreamRequest request_;
  std::vector<tg_bytes> header_views_;
  uint64_t opened_ns_;
  std::unique_ptr<RequestBody> body_;
};

}  // namespace tollgate::exchange
