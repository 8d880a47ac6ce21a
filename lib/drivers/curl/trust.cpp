#include "drivers/curl/trust.hpp"

#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/x509.h>

namespace tollgate::curl_driver {
namespace {

bool load_system(X509_STORE* store) {
  const curl_version_info_data* curl = curl_version_info(CURLVERSION_NOW);
  if (curl->age >= CURLVERSION_SEVENTH && curl->cainfo != nullptr &&
      X509_STORE_load_file(store, curl->cainfo) == 1) {
    return true;
  }
  return X509_STORE_set_default_paths(store) == 1;
}

}  // namespace

TrustStore TrustStores::get(const std::string& ca_file) {
  // The lock is held while a file is parsed, so that a burst of first connections parses it once.
  const std::lock_guard lock(mutex_);
  std::weak_ptr<X509_STORE>& known = stores_[ca_file];
  if (TrustStore store = known.lock()) return store;
  TrustStore store = load(ca_file);
  if (store == nullptr) {
    stores_.erase(ca_file);
    return nullptr;
  }
  known = store;
  if (ca_file.empty()) system_ = store;
  return store;
}

uint64_t TrustStores::loads() const {
  const std::lock_guard lock(mutex_);
  return loads_;
}

TrustStore TrustStores::load(const std::string& ca_file) {
  ++loads_;
  TrustStore store(X509_STORE_new(), X509_STORE_free);
  if (store == nullptr) return nullptr;
  const bool loaded = ca_file.empty() ? load_system(store.get())
                                      : X509_STORE_load_file(store.get(), ca_file.c_str()) == 1;
  // A failure must not stay in the thread's error queue, where the next TLS call would find it.
  ERR_clear_error();
  if (!loaded) return nullptr;
  // What libcurl sets on stores of its own: an intermediate certificate may be a root of trust.
  X509_STORE_set_flags(store.get(), X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  return store;
}

}  // namespace tollgate::curl_driver
