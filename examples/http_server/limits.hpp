#pragma once

// Every bound of the server's front in one place. The core has bounds of its own (bodies, headers,
// events); these are about sockets and threads.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tollgate::server::limits {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A request's whole head, from its first byte.
inline constexpr seconds kHeadTime{10};
/// A new connection that is silent for so long can be closed to make room. Before, newcomers would
/// end each other's handshakes where many come.
inline constexpr seconds kFreshTime{1};
inline constexpr size_t kHeadBytesMax = 64 * 1024;
inline constexpr size_t kHeaderPairsMax = 200;
/// What a connection's buffer begins with: a Claude Code head and the beginning of its body, the
/// rest of which is received where it belongs.
inline constexpr size_t kReadBufferBytes = 4 * 1024;

/// Without one byte of an announced body.
inline constexpr seconds kBodyIdleTime{30};
/// A whole body, however steadily it trickles.
inline constexpr seconds kBodyTime{600};
/// A chunk's size line with its extensions.
inline constexpr size_t kChunkLineBytesMax = 1024;
inline constexpr size_t kTrailerBytesMax = 8 * 1024;

/// Between two requests of one connection; one request is allowed a million successors.
inline constexpr seconds kKeepAliveTime{65};
inline constexpr uint64_t kKeepAliveRequestsMax = 1'000'000;

/// A client that takes no bytes for so long has gone.
inline constexpr seconds kWriteTime{60};
/// After an early answer: what is still read, so that the answer is not destroyed by a reset.
inline constexpr size_t kLingerBytesMax = 64 * 1024 * 1024;
inline constexpr seconds kLingerTime{10};
inline constexpr seconds kLingerIdleTime{2};
/// The same for a client that is turned away because there are too many.
inline constexpr milliseconds kRefuseTime{500};
inline constexpr size_t kRefusedConnectionsMax = 256;

/// Bytes of an answer that may wait for the next piece so that both go out in one write.
inline constexpr size_t kPendingAnswerBytesMax = 16 * 1024;

inline constexpr int kListenBacklog = 4096;

/// Descriptors for everything but connections and their upstreams: files, the store, other calls.
inline constexpr size_t kSpareDescriptors = 1024;
inline constexpr size_t kConnectionsMax = 100'000;
/// After accepting failed.
inline constexpr milliseconds kAcceptPause{50};

/// A thread more than cores is of use only where one may wait for a slow disk.
inline constexpr size_t kThreadsPerCoreMax = 4;

inline constexpr milliseconds kWatchInterval{500};
inline constexpr milliseconds kDrainPollInterval{50};
inline constexpr int64_t kDrainSecondsMax = 24 * 3600;

/// Records that wait to become a live line; more are counted and dropped.
inline constexpr size_t kLiveLogBytesMax = 4 * 1024 * 1024;
inline constexpr milliseconds kLiveLogInterval{50};

/// A configuration file, as the core allows it.
inline constexpr size_t kConfigBytesMax = 16 * 1024 * 1024;
inline constexpr size_t kRequestFileBytesMax = 32 * 1024 * 1024;

}  // namespace tollgate::server::limits
