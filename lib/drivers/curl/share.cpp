#include "drivers/curl/share.hpp"

namespace tollgate::curl_driver {

Share::Share() : share_(curl_share_init()) {
  if (share_ == nullptr) return;
  curl_share_setopt(share_, CURLSHOPT_LOCKFUNC, &Share::lock);
  curl_share_setopt(share_, CURLSHOPT_UNLOCKFUNC, &Share::unlock);
  curl_share_setopt(share_, CURLSHOPT_USERDATA, this);
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}

Share::~Share() {
  if (share_ != nullptr) curl_share_cleanup(share_);
}

void Share::lock(CURL*, curl_lock_data data, curl_lock_access, void* user) {
  static_cast<Share*>(user)->mutexes_[static_cast<size_t>(data)].lock();
}

void Share::unlock(CURL*, curl_lock_data data, void* user) {
  static_cast<Share*>(user)->mutexes_[static_cast<size_t>(data)].unlock();
}

}  // namespace tollgate::curl_driver
