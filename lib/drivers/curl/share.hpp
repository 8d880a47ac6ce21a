#pragma once

#include <array>
#include <mutex>

#include <curl/curl.h>

namespace tollgate::curl_driver {

/// A locked CURLSH for names and TLS sessions. Connections are not shared: libcurl's maintainers
/// say that sharing them between threads is not safe in these versions.
class Share {
 public:
  Share();
  ~Share();
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

  /// Null when libcurl had no memory for it; handles then simply share nothing.
  CURLSH* get() const { return share_; }

 private:
  static void lock(CURL* easy, curl_lock_data data, curl_lock_access access, void* user);
  static void unlock(CURL* easy, curl_lock_data data, void* user);

  std::array<std::mutex, CURL_LOCK_DATA_LAST> mutexes_;
  CURLSH* share_;
};

}  // namespace tollgate::curl_driver
