#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/calendar.hpp"
#include "base/measure.hpp"
#include "base/text_hash.hpp"
#include "policy/notification.hpp"
#include "policy/selector.hpp"

namespace tollgate::policy {

struct Limit {
  Measure measure = Measure::kMoney;
  Period period = Period::kDay;
  int64_t amount = 0;

  friend bool operator==(const Limit&, const Limit&) = default;
};

/// "cost_per_day", "requests_per_minute", "concurrent_requests": as the documents write it.
std::string limit_name(const Limit& limit);

enum class Mode : uint8_t {
  kEnforce,
  kSoftEnforce,  ///< Refuses only when every matching budget is over.
  kAudit         ///< Counts, and never refuses.
};

/// Whose consumption one counter adds up.
enum class Dimension : uint8_t {
  kUser,
  kTeam,
  kVirtualAccount,
  kModel,
  kProviderAccount,
  kMetadata,
  kSession,
  kAgent,
  kParentAgent
};

struct Per {
  Dimension dimension = Dimension::kUser;
  std::string key;  ///< kMetadata: whose values are told apart.

  friend bool operator==(const Per&, const Per&) = default;
};

enum class RuleKind : uint8_t { kBudget, kRateLimit };

/// What happens to a request whose upper bound is more than is left.
enum class OnInsufficient : uint8_t { kCap, kReject };

/// Several rules of which the first that matches is the one that decides.
inline constexpr uint32_t kNoGroup = UINT32_MAX;

using Overrides = std::unordered_map<std::string, std::vector<Limit>, TextHash, std::equal_to<>>;

/// A budget or a rate limit, whatever generation of documents it was written in.
struct Rule {
  RuleKind kind = RuleKind::kBudget;
  std::string id;         ///< As people wrote it and as they are told it.
  std::string key;        ///< Names its counters; they outlive a reload that keeps the key.
  uint64_t key_hash = 0;  ///< Set by the RuleSet.
  Selector when;
  std::vector<Per> per;  ///< Empty: one counter for all.
  std::vector<Limit> limits;
  /// In place of `limits`, by entity; only of rules with one dimension.
  Overrides overrides;
  Mode mode = Mode::kEnforce;
  uint32_t group = kNoGroup;
  bool others_count = true;  ///< In a group: rules after the first match still count.
  OnInsufficient on_insufficient = OnInsufficient::kCap;
  int64_t min_output_tokens = 4'096;  ///< A cap goes no lower.
  /// Streams reserve what they probably cost, and more as they grow, in place of their bound.
  bool estimates = false;
  Zone zone;
  std::vector<int32_t> alert_thresholds;  ///< Percent, rising.
  /// Who is told of them; an alert on its way outlives a reload.
  std::vector<std::shared_ptr<const Notification>> notified;

  bool depends_on_target() const;
};

}  // namespace tollgate::policy
