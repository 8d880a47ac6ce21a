#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tollgate::model {

/// Who or what a failure is about; decides its wire type and whether trying again can help.
enum class FailureKind : uint8_t {
  kInvalidRequest,  ///< The request is wrong, or a policy forbids it.
  kAuthentication,  ///< The caller's credential.
  kBilling,         ///< A budget is gone.
  kPermission,
  kNotFound,
  kConflict,
  kTooLarge,
  kRateLimit,
  kApi,  ///< Upstream or gateway fault.
  kTimeout,
  kOverloaded,
};

/// A refusal or failure on its way to the client, in no dialect's words.
struct Failure {
  FailureKind kind = FailureKind::kApi;
  uint32_t status = 500;
  std::string message;  ///< For a person: what, why, what to do. No internals, keys or prompts.
  std::optional<int64_t> retry_after_s;
  std::optional<bool> should_retry;

  friend bool operator==(const Failure&, const Failure&) = default;
};

}  // namespace tollgate::model
