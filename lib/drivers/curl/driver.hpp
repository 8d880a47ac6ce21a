#pragma once

#include <memory>

#include "tollgate/curl.h"

#include "drivers/curl/lane.hpp"
#include "drivers/curl/profile.hpp"
#include "drivers/curl/trust.hpp"
#include "drivers/curl/waker.hpp"
#include "drivers/curl/watch.hpp"

namespace tollgate::curl_driver {

/// What all runs and loops of one tg_curl share. Every part locks for itself.
struct Driver {
  explicit Driver(Settings chosen)
      : settings(std::move(chosen)), lanes(settings.idle_handles_max) {}

  const Settings settings;
  TrustStores trust;
  TrustStore own_trust;  ///< Keeps the store of settings.ca_file.
  ProfileTable profiles;
  LanePool lanes;
  WatchPool watches;
  WakeRegistry wakes;
};

}  // namespace tollgate::curl_driver

/// A handle that may be used from many threads at once points to what locks for itself.
struct tg_curl {
  std::unique_ptr<tollgate::curl_driver::Driver> driver;
};
