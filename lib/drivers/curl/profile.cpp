#include "drivers/curl/profile.hpp"

#include <openssl/ssl.h>

#include "drivers/curl/host.hpp"

namespace tollgate::curl_driver {
namespace {

constexpr uint32_t kProfileFlags = TG_FLAG_DENY_PRIVATE | TG_FLAG_TLS_UNVERIFIED;

const char* or_null(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

}  // namespace

void Profile::append_key(const tg_action& action, std::string& key) {
  key += static_cast<char>('0' + (action.flags & kProfileFlags));
  key += is_https(view(action.url)) ? 's' : 'c';
  for (const tg_bytes& part :
       {action.ca_file, action.client_cert_file, action.client_key_file, action.proxy}) {
    key += view(part);
    key += '\n';
  }
}

Profile::Profile(const tg_action& action, const Settings& settings, TrustStores& stores)
    : deny_private_((action.flags & TG_FLAG_DENY_PRIVATE) != 0),
      unverified_((action.flags & TG_FLAG_TLS_UNVERIFIED) != 0),
      proxy_(view(action.proxy)),
      client_cert_file_(view(action.client_cert_file)),
      client_key_file_(view(action.client_key_file)) {
  if (proxy_.empty()) proxy_ = settings.proxy;
  const bool tls = is_https(view(action.url)) || proxy_.starts_with("https:");
  if (!tls) {
    // Roots are parsed only when somebody connects by TLS.
    unverified_ = true;
    return;
  }
  if (unverified_) return;
  store_ =
      stores.get(action.ca_file.size > 0 ? std::string(view(action.ca_file)) : settings.ca_file);
}

bool Profile::apply(CURL* easy) const {
  CURLcode bad = CURLE_OK;
  const auto set = [&](CURLoption option, auto value) {
    if (bad == CURLE_OK) bad = curl_easy_setopt(easy, option, value);
  };
  set(CURLOPT_SHARE, share_.get());
  // An empty text, not NULL: NULL would let libcurl read the proxy environment variables.
  set(CURLOPT_PROXY, proxy_.c_str());
  set(CURLOPT_NOPROXY, "");
  set(CURLOPT_SSLCERT, or_null(client_cert_file_));
  set(CURLOPT_SSLKEY, or_null(client_key_file_));
  const long verify = unverified_ ? 0L : 1L;
  set(CURLOPT_SSL_VERIFYPEER, verify);
  set(CURLOPT_SSL_VERIFYHOST, verify * 2L);
  set(CURLOPT_PROXY_SSL_VERIFYPEER, verify);
  set(CURLOPT_PROXY_SSL_VERIFYHOST, verify * 2L);
  // The store takes the place of libcurl's own files, which it would parse for each connection.
  for (const CURLoption option :
       {CURLOPT_CAINFO, CURLOPT_CAPATH, CURLOPT_PROXY_CAINFO, CURLOPT_PROXY_CAPATH}) {
    set(option, static_cast<const char*>(nullptr));
  }
  set(CURLOPT_SSL_CTX_FUNCTION, unverified_ ? nullptr : &Profile::use_store);
  set(CURLOPT_SSL_CTX_DATA, static_cast<const void*>(store_.get()));
  return bad == CURLE_OK;
}

Outcome Profile::usable() const {
  if (unverified_ || store_ != nullptr) return {};
  return Outcome::failure_of(TG_FAILURE_TLS, "The trusted certificates cannot be read");
}

CURLcode Profile::use_store(CURL*, void* ssl_context, void* user) {
  SSL_CTX_set1_cert_store(static_cast<SSL_CTX*>(ssl_context), static_cast<X509_STORE*>(user));
  return CURLE_OK;
}

std::shared_ptr<const Profile> ProfileTable::get(const tg_action& action, const Settings& settings,
                                                 TrustStores& stores) {
  std::string key;
  Profile::append_key(action, key);
  const std::lock_guard lock(mutex_);
  if (const auto known = profiles_.find(key); known != profiles_.end()) return known->second;
  auto profile = std::make_shared<const Profile>(action, settings, stores);
  // A CA file that is mended later must get its chance.
  if (profile->usable().failed) return profile;
  if (profiles_.size() >= kProfilesMax) profiles_.erase(profiles_.begin());
  profiles_.emplace(std::move(key), profile);
  return profile;
}

}  // namespace tollgate::curl_driver
