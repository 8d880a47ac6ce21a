#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

/// Every bound of the core, by name. docs/reference/limits.md says what happens at each.
namespace tollgate::limits {

inline constexpr size_t kConfigBytesMax = 16 * 1024 * 1024;
inline constexpr size_t kConfigDepthMax = 64;
inline constexpr size_t kConfigNodesMax = 2'000'000;

inline constexpr size_t kHeaderPairsMax = 200;
inline constexpr size_t kHeadBytesMax = 64 * 1024;
inline constexpr size_t kBodyBytesMax = 32 * 1024 * 1024;
inline constexpr uint64_t kBodyBytesInFlightMax = uint64_t{1} << 30;
inline constexpr uint32_t kExchangesMax = 65'536;
inline constexpr size_t kJsonDepthMax = 512;
inline constexpr size_t kModelNameBytesMax = 512;

inline constexpr size_t kSseEventBytesMax = 16 * 1024 * 1024;
inline constexpr size_t kSseLineBytesMax = 16 * 1024 * 1024;
inline constexpr size_t kAwsFrameBytesMax = 24 * 1024 * 1024;  ///< Of an event stream of AWS.
inline constexpr size_t kAnswerBytesMax =
    64 * 1024 * 1024;  ///< A whole answer that does not stream.
inline constexpr size_t kErrorBodyBytesMax = 1024 * 1024;
inline constexpr size_t kHoldBytesMax = 64 * 1024;  ///< Before an answer's first content.
inline constexpr uint64_t kHoldNs = 5 * kSecond;
inline constexpr uint64_t kPingAfterNs = 10 * kSecond;
inline constexpr uint64_t kAuxiliaryPollNs = 100 * kMillisecond;  ///< When nobody wakes us.

inline constexpr uint64_t kConnectAndHeadNs = 600 * kSecond;  ///< Open to the answer's head.
inline constexpr uint64_t kUpstreamIdleNs = 300 * kSecond;
inline constexpr uint64_t kExchangeNs = 3600 * kSecond;
inline constexpr uint64_t kSlowReaderNs = 60 * kSecond;
inline constexpr uint64_t kBodyIdleNs = 30 * kSecond;

inline constexpr uint32_t kAttemptsMax = 16;
inline constexpr size_t kMetadataKeysMax = 64;
inline constexpr size_t kMetadataValueBytesMax = 128;
inline constexpr size_t kRecordBodyBytesMax = 1024 * 1024;
inline constexpr size_t kMetricSeriesMax = 2'000;
inline constexpr size_t kAbandonedRecordsMax = 10'000;
inline constexpr size_t kLedgerScopesMax = 1'000'000;
inline constexpr size_t kLedgerOpenReservationsMax = size_t{1} << 20;
inline constexpr size_t kLedgerScopesPerReservationMax = 256;
inline constexpr size_t kLedgerScopeNameBytesMax = 256;
inline constexpr size_t kRequestIdBytesMax = 128;
inline constexpr size_t kCarriageBytesMax = 4 * 1024 * 1024;  ///< Reasoning in a signature.
inline constexpr size_t kJwtBytesMax = 16 * 1024;
inline constexpr size_t kClaimValuesMax = 1'000;
inline constexpr size_t kIssuerKeysMax = 100;
inline constexpr size_t kPrincipalNameBytesMax = 256;
inline constexpr size_t kLessonTargetsMax = 4'096;
inline constexpr size_t kLessonsPerTargetMax = 16;
inline constexpr size_t kLessonBytesMax = 256;

}  // namespace tollgate::limits
