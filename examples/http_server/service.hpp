#pragma once

// What all connections share. Made once by `serve`, outlives every connection.

#include <atomic>
#include <cstdint>

#include "tollgate/curl.h"
#include "tollgate/tollgate.h"

namespace tollgate::server {

class LiveLog;
class RecordSink;
class TlsStore;

struct Service {
  const tg_gateway* gateway = nullptr;
  const tg_curl* curl = nullptr;
  RecordSink* records = nullptr;
  LiveLog* live_log = nullptr;
  const TlsStore* tls = nullptr;  ///< NULL: connections are in clear.
  std::atomic<bool> draining{false};
  std::atomic<uint64_t> wake_tokens{0};
};

/// The background handle's token; connections count up from 1 and never reach it.
inline constexpr uint64_t kBackgroundWakeToken = UINT64_MAX;

}  // namespace tollgate::server
