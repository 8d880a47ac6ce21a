#include "drivers/curl/hub.hpp"

#include <new>

#include "drivers/curl/host.hpp"

namespace tollgate::curl_driver {

std::unique_ptr<Hub> Hub::create(std::shared_ptr<const Profile> profile, const Settings& settings,
                                 SocketTable& sockets) {
  std::unique_ptr<Hub> hub(new Hub(std::move(profile), settings, sockets));
  hub->multi_ = Multi::create(*hub);
  if (hub->multi_ == nullptr) return nullptr;
  return hub;
}

std::unique_ptr<Transfer> Hub::start(const tg_action& action, TransferSink& sink, Outcome& why) {
  std::unique_ptr<Transfer> transfer;
  if (idle_.empty()) {
    transfer = Transfer::create(settings_, &sockets_);
  } else {
    transfer = std::move(idle_.back());
    idle_.pop_back();
  }
  if (transfer == nullptr) {
    why = outcome_of(CURLE_OUT_OF_MEMORY);
    return nullptr;
  }
  count_active(1);
  why = transfer->begin(action, profile_, true, sink);
  if (!why.failed && !multi_->add(transfer->easy())) {
    transfer->finish(CURLE_OUT_OF_MEMORY);
    why = outcome_of(CURLE_OUT_OF_MEMORY);
  }
  if (!why.failed) return transfer;
  give(std::move(transfer));
  return nullptr;
}

// libcurl's limit counts connections in use too: left at the number of idle ones, it would close a
// connection after each request as soon as there are more requests than that.
void Hub::count_active(long change) {
  active_ += change;
  multi_->keep_connections(settings_.idle_connections_max + active_);
}

void Hub::stop(Transfer& transfer) {
  multi_->remove(transfer.easy());
}

void Hub::give(std::unique_ptr<Transfer> transfer) {
  count_active(-1);
  if (idle_.size() >= settings_.idle_handles_max) return;
  try {
    idle_.push_back(std::move(transfer));
  } catch (const std::bad_alloc&) {
    return;  // A handle that is not kept is only made anew.
  }
}

}  // namespace tollgate::curl_driver
