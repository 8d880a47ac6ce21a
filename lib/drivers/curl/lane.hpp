#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "drivers/curl/multi.hpp"
#include "drivers/curl/transfer.hpp"

namespace tollgate::curl_driver {

/// A handle with a private multi, and so with a connection of its own: what a thread that drives
/// its own requests needs, without a lock. A lane serves one transfer at a time, always to one
/// origin.
class Lane {
 public:
  /// Null when resources are out.
  static std::unique_ptr<Lane> create(std::string key, std::shared_ptr<const Profile> profile,
                                      const Settings& settings);

  /// The profile and the origin of an action's URL: what a lane is pooled by.
  static std::string key_of(const tg_action& action);

  Outcome start(const tg_action& action, TransferSink& sink);
  /// Takes the transfer off the multi. If it was not through, its connection is closed.
  void stop();

  WaitingMulti& multi() { return *multi_; }
  Transfer& transfer() { return *transfer_; }
  const std::string& key() const { return key_; }

 private:
  Lane(std::string key, std::shared_ptr<const Profile> profile)
      : key_(std::move(key)), profile_(std::move(profile)) {}

  std::string key_;
  std::shared_ptr<const Profile> profile_;
  // The multi goes last: a handle must have left it before it is cleaned up.
  std::unique_ptr<WaitingMulti> multi_;
  std::unique_ptr<Transfer> transfer_;
  bool added_ = false;
};

/// Idle lanes. The one used last is taken first, so that warm connections stay in use and cold ones
/// grow old; above the limit the oldest goes.
class LanePool {
 public:
  explicit LanePool(size_t lanes_max) : lanes_max_(lanes_max) {}

  /// Null when there is none for this key.
  std::unique_ptr<Lane> take(const std::string& key);
  void give(std::unique_ptr<Lane> lane);
  size_t size() const;

 private:
  using Idle = std::list<std::unique_ptr<Lane>>;

  std::unique_ptr<Lane> remove_oldest();

  mutable std::mutex mutex_;
  Idle idle_;  ///< Oldest first.
  std::unordered_map<std::string, std::vector<Idle::iterator>> by_key_;
  size_t lanes_max_;
};

}  // namespace tollgate::curl_driver
