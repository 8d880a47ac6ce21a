#pragma once

#include <memory>
#include <string>
#include <vector>

#include "drivers/curl/multi.hpp"
#include "drivers/curl/socket_table.hpp"
#include "drivers/curl/transfer.hpp"

namespace tollgate::curl_driver {

/// Connections of one profile in a loop: one multi, so that they are shared by HTTP/2 streams
/// and kept for each other's requests.
class Hub final : public SocketWatcher {
 public:
  /// Null when resources are out.
  static std::unique_ptr<Hub> create(std::shared_ptr<const Profile> profile,
                                     const Settings& settings, SocketTable& sockets);

  /// Begins an attempt. Null when it could not; why says so.
  std::unique_ptr<Transfer> start(const tg_action& action, TransferSink& sink, Outcome& why);
  /// Takes a transfer off the multi.
  void stop(Transfer& transfer);
  /// Keeps a stopped transfer's handle for the next.
  void give(std::unique_ptr<Transfer> transfer);

  Multi& multi() { return *multi_; }
  /// Transfers between start() and give().
  long active() const { return active_; }

  void watch(curl_socket_t socket, short events) override { sockets_.watch(*this, socket, events); }

 private:
  Hub(std::shared_ptr<const Profile> profile, const Settings& settings, SocketTable& sockets)
      : profile_(std::move(profile)), settings_(settings), sockets_(sockets) {}

  void count_active(long change);

  std::shared_ptr<const Profile> profile_;
  const Settings& settings_;
  SocketTable& sockets_;
  std::unique_ptr<Multi> multi_;
  std::vector<std::unique_ptr<Transfer>> idle_;
  long active_ = 0;
};

}  // namespace tollgate::curl_driver
