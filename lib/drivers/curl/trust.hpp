#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include <openssl/x509_vfy.h>

namespace tollgate::curl_driver {

using TrustStore = std::shared_ptr<X509_STORE>;

/// The trusted roots of a PEM file, parsed once and shared by all connections. Parsing the system's
/// bundle costs some 20 ms of CPU, which libcurl would otherwise spend on each new connection.
class TrustStores {
 public:
  /// The store of a file; an empty name means the system's roots. Null when the file cannot be read
  /// or holds no certificate. A store lives as long as somebody holds it; the system's one stays.
  TrustStore get(const std::string& ca_file);

  /// How many files were parsed so far.
  uint64_t loads() const;

 private:
  TrustStore load(const std::string& ca_file);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::weak_ptr<X509_STORE>> stores_;
  TrustStore system_;
  uint64_t loads_ = 0;
};

}  // namespace tollgate::curl_driver
