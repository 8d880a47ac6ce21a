#include "health_checks.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes.hpp"
#include "host.hpp"
#include "json.hpp"

namespace tollgate::server {

namespace {

// Nobody wants checks: a reload may change that, and wakes.
constexpr int64_t kNobodySeconds = 3600;

int32_t keep_body(tg_bytes body, int32_t /*more*/, void* user) {
  static_cast<std::string*>(user)->append(to_view(body));
  return TG_CURL_CLIENT_OK;
}

}  // namespace

bool HealthChecks::start(const Service& service) {
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_) != 0) return false;
  service_ = &service;
  thread_ = std::thread([this] { work(); });
  return true;
}

void HealthChecks::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  condition_.notify_one();
}

void HealthChecks::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  condition_.notify_one();
  shutdown(ends_[1], SHUT_RDWR);
  thread_.join();
  for (int& end : ends_) {
    close(end);
    end = -1;
  }
}

void HealthChecks::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    woken_ = false;
    lock.unlock();
    const int64_t seconds = check_once();
    lock.lock();
    condition_.wait_for(lock, std::chrono::seconds(seconds),
                        [this] { return woken_ || stopping_; });
  }
}

int64_t HealthChecks::check_once() {
  tg_exchange* created = nullptr;
  if (tg_exchange_create(service_->gateway, nullptr, now(), &created, nullptr) != TG_OK) return 1;
  const Owned<tg_exchange> exchange(created);
  std::string answer;
  tg_curl_client client = TG_CURL_CLIENT_INIT;
  client.on_body = keep_body;
  client.user = &answer;
  client.client_fd = ends_[0];
  tg_exchange_client_head(created, to_bytes("GET"), to_bytes("/healthz/upstreams"), nullptr, 0,
                          now(), nullptr);
  tg_exchange_client_end(created, now(), nullptr);
  if (tg_curl_run(service_->curl, created, &client, nullptr) != TG_OK) return 1;
  JsonDocument document;
  const JsonValue next = document.parse(answer).member("next_seconds");
  if (!next.is(JsonValue::Kind::kNumber)) return kNobodySeconds;
  return std::max<int64_t>(next.integer(1), 1);
}

}  // namespace tollgate::server
