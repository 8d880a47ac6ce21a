#pragma once

#include <memory>
#include <vector>

#include "drivers/curl/driver.hpp"
#include "drivers/curl/session.hpp"

namespace tollgate::curl_driver {

/// Drives one exchange on the calling thread, by a lane for each open attempt, and waits for the
/// lane, the client and a waker at once.
class Run final : public Carrier, public WakeTarget {
 public:
  Run(Driver& driver, tg_exchange* exchange, const tg_curl_client& client);
  ~Run() override;

  /// Returns when the exchange is done or has failed.
  tg_status drive(tg_error** error);

  Transfer* open(const tg_action& action, Session& session, Outcome& why) override;
  void detach(Transfer& transfer) override;
  void release(Transfer& transfer) override;
  void on_change() override {}  // Looked at after each wait anyway.
  void on_wake(uint64_t token) noexcept override;

 private:
  using Lanes = std::vector<std::unique_ptr<Lane>>;

  void wait();
  int wait_ms() const;
  void dispatch(Watch::Seen seen);
  void collect_finished();
  Lanes::iterator lane_of(const Transfer& transfer);

  Driver& driver_;
  uint64_t wake_token_;
  std::unique_ptr<Watch> watch_;
  Lanes lanes_;
  Session session_;  // Last: it gives its transfers back before the lanes go.
};

}  // namespace tollgate::curl_driver
