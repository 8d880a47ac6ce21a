#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/secret.hpp"

namespace tollgate::policy {

/// What the receiver of a notification understands.
enum class NotificationKind : uint8_t {
  kEmail,  ///< A webhook that sends mail: it is told to whom.
  kSlackWebhook,
  kSlackBot,
  kPagerDuty,
  kMsTeams,
  kWebhook
};

/// Whom a budget tells that one of its thresholds is passed.
struct Notification {
  NotificationKind kind = NotificationKind::kWebhook;
  std::string id;  ///< Kind and channel, as records and metrics show it; never an address.
  std::string to;  ///< kSlackBot: one channel.
  std::vector<std::string> emails;
  Secret url;  ///< Whoever knows a webhook's address may write to it.
  std::vector<std::pair<std::string, Secret>> headers;
  Secret routing_key;  ///< kPagerDuty.
  std::string ca_file;
};

}  // namespace tollgate::policy
