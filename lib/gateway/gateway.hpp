#pragma once

// gateway/ holds the configuration in force and what all exchanges share. Reload swaps the
// configuration; whoever runs keeps the one it started with. May include everything below capi/.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/status.hpp"
#include "base/time.hpp"
#include "config/load.hpp"
#include "exchange/environment.hpp"
#include "exchange/exchange.hpp"

namespace tollgate::gateway {

struct GatewayOptions {
  std::string config_name = "config";
  config::Lookup lookup;
  uint64_t host_capabilities = 0;  ///< 0: all.
  uint64_t seed_high = 0;
  uint64_t seed_low = 0;
  exchange::Waker waker;
  uint64_t body_bytes_max = 0;
  uint32_t exchanges_max = 0;
};

/// Safe from many threads.
class Gateway {
 public:
  /// kInvalid with all diagnostics, one a line, when the configuration has errors.
  static Result<std::shared_ptr<Gateway>> create(std::string_view text, GatewayOptions options,
                                                 Time now);
  Status reload(std::string_view text, Time now);

  /// kLimit when exchanges_max are open.
  Result<std::unique_ptr<exchange::Exchange>> new_exchange(exchange::ExchangeOptions options,
                                                           Time now) const;

  std::shared_ptr<const config::Configuration> configuration() const;
  const std::shared_ptr<exchange::Environment>& environment() const { return environment_; }
  std::string describe() const;
  std::string metrics() const;

  /// The one background handle: true when it was free.
  bool take_background() { return !background_taken_.exchange(true); }
  void give_background() { background_taken_.store(false); }

 private:
  explicit Gateway(GatewayOptions options) : options_(std::move(options)) {}
  Result<std::shared_ptr<const config::Configuration>> load(std::string_view text, Time now,
                                                            std::string& warnings) const;

  GatewayOptions options_;
  std::shared_ptr<exchange::Environment> environment_;
  mutable std::mutex mutex_;
  std::shared_ptr<const config::Configuration> configuration_;
  std::string warnings_json_;
  std::atomic<bool> background_taken_{false};
};

}  // namespace tollgate::gateway
