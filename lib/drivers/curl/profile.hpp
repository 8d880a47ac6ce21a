#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include <curl/curl.h>

#include "tollgate/action.h"

#include "drivers/curl/failure.hpp"
#include "drivers/curl/share.hpp"
#include "drivers/curl/trust.hpp"

namespace tollgate::curl_driver {

/// What a driver was created with, defaults filled in.
struct Settings {
  std::string ca_file;
  std::string proxy;
  long connect_timeout_ms = 10'000;
  long idle_connections_max = 256;
  size_t idle_handles_max = 1024;
};

/// How connections are made for an action: trust, client certificate, proxy, address check.
/// Connections and TLS sessions never pass from one profile to another. libcurl compares none of
/// the certificate store and the address check when it reuses a connection, so a connection to a
/// private address, or one verified by another store, would otherwise serve the wrong action.
class Profile {
 public:
  /// The parts of an action that make its profile, as one key.
  static void append_key(const tg_action& action, std::string& key);

  Profile(const tg_action& action, const Settings& settings, TrustStores& stores);

  /// Sets the profile's options on a handle. False when libcurl refuses one.
  bool apply(CURL* easy) const;

  bool deny_private() const { return deny_private_; }
  /// The proxy and not the target is what a socket is opened to.
  bool proxied() const { return !proxy_.empty(); }
  /// Failed when there are no roots to verify a server against: no connection can be made then.
  Outcome usable() const;

 private:
  static CURLcode use_store(CURL* easy, void* ssl_context, void* user);

  bool deny_private_;
  bool unverified_;
  std::string proxy_;
  std::string client_cert_file_;
  std::string client_key_file_;
  TrustStore store_;
  Share share_;
};

/// The profiles in use, by key. Only so many are kept; handles keep theirs alive by themselves.
class ProfileTable {
 public:
  std::shared_ptr<const Profile> get(const tg_action& action, const Settings& settings,
                                     TrustStores& stores);

 private:
  static constexpr size_t kProfilesMax = 256;

  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const Profile>> profiles_;
};

}  // namespace tollgate::curl_driver
