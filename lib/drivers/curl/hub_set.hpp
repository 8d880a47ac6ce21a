#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "drivers/curl/driver.hpp"
#include "drivers/curl/hub.hpp"

namespace tollgate::curl_driver {

/// The hubs of a loop. A profile has one for every few hundred transfers that run at once: libcurl
/// looks for a free connection among all of a multi's, one by one, and with thousands of them that
/// takes longer than everything else a request needs.
class HubSet {
 public:
  static constexpr long kActiveMax = 512;

  HubSet(Driver& driver, SocketTable& sockets) : driver_(driver), sockets_(sockets) {}

  /// The hub for a new attempt. Null when there is none; why says so. Takes away hubs that have
  /// nothing to do.
  Hub* get(const tg_action& action, Outcome& why);

  const std::vector<std::unique_ptr<Hub>>& all() const { return hubs_; }
  void clear();

 private:
  using Group = std::vector<Hub*>;

  Hub* add(const tg_action& action, Group& group, Outcome& why);
  void shrink(Group& group);
  void drop_unused();
  void erase(const Hub& hub);

  Driver& driver_;
  SocketTable& sockets_;
  std::vector<std::unique_ptr<Hub>> hubs_;
  std::unordered_map<std::string, Group> groups_;  ///< By the key of their profile.
  std::string key_;                                ///< Kept for its memory.
};

}  // namespace tollgate::curl_driver
