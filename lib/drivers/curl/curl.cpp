#include "tollgate/curl.h"

#include <algorithm>
#include <climits>
#include <mutex>
#include <system_error>

#include "drivers/curl/driver.hpp"
#include "drivers/curl/guard.hpp"
#include "drivers/curl/loop.hpp"
#include "drivers/curl/run.hpp"

struct tg_curl_loop {
  std::unique_ptr<tollgate::curl_driver::Loop> loop;
};

using namespace tollgate::curl_driver;  // NOLINT(google-build-using-namespace)

namespace {

/// libcurl counts its starts for the whole process. It is never ended by us: the host may use it
/// too and rely on a start that was ours.
bool start_libcurl() {
  static std::once_flag once;
  static CURLcode code = CURLE_FAILED_INIT;
  std::call_once(once, [] { code = curl_global_init(CURL_GLOBAL_DEFAULT); });
  return code == CURLE_OK;
}

Settings settings_of(const tg_curl_options& options) {
  Settings settings;
  settings.ca_file = view(options.ca_file);
  settings.proxy = view(options.proxy);
  if (options.connect_timeout_ns > 0) {
    const uint64_t ms = std::max<uint64_t>(options.connect_timeout_ns / 1'000'000U, 1);
    settings.connect_timeout_ms = static_cast<long>(std::min<uint64_t>(ms, INT_MAX));
  }
  if (options.idle_connections_max > 0) {
    settings.idle_connections_max = static_cast<long>(options.idle_connections_max);
  }
  if (options.idle_handles_max > 0) settings.idle_handles_max = options.idle_handles_max;
  return settings;
}

Fault create(const tg_curl_options* given, std::unique_ptr<tg_curl>& made) {
  tg_curl_options options = TG_CURL_OPTIONS_INIT;
  if (given != nullptr && !read_struct(*given, options)) {
    return {TG_E_ABI, "tg_curl_options is of another version"};
  }
  if (options.reserved_flags != 0) return {TG_E_INVALID, "reserved_flags must be 0"};
  for (const tg_bytes& text : {options.ca_file, options.proxy}) {
    if (text.data == nullptr && text.size > 0) {
      return {TG_E_INVALID, "ca_file or proxy is NULL but has a size"};
    }
  }
  if (!start_libcurl()) return {TG_E_INTERNAL, "libcurl did not start"};
  auto driver = std::make_unique<Driver>(settings_of(options));
  const std::string& ca_file = driver->settings.ca_file;
  if (!ca_file.empty()) {
    driver->own_trust = driver->trust.get(ca_file);
    if (driver->own_trust == nullptr) {
      return {TG_E_INVALID, "the CA file " + ca_file + " holds no certificate that can be read"};
    }
  }
  made = std::make_unique<tg_curl>();
  made->driver = std::move(driver);
  return {};
}

tg_status create_loop(const tg_curl* curl, Loop::Drive drive, tg_curl_loop** loop,
                      tg_error** error) {
  if (loop != nullptr) *loop = nullptr;
  return guard(error, [&]() -> Fault {
    if (curl == nullptr || loop == nullptr) return {TG_E_INVALID, "curl or loop is NULL"};
    auto made = std::make_unique<tg_curl_loop>();
    try {
      made->loop = Loop::create(*curl->driver, drive);
    } catch (const std::system_error&) {
      return {TG_E_LIMIT, "no thread is left"};
    }
    if (made->loop == nullptr) return {TG_E_LIMIT, "no descriptor is left"};
    *loop = made.release();
    return {};
  });
}

}  // namespace

tg_status tg_curl_create(const tg_curl_options* options, tg_curl** curl, tg_error** error) {
  if (curl != nullptr) *curl = nullptr;
  return guard(error, [&]() -> Fault {
    if (curl == nullptr) return {TG_E_INVALID, "curl is NULL"};
    std::unique_ptr<tg_curl> made;
    Fault fault = create(options, made);
    *curl = made.release();
    return fault;
  });
}

void tg_curl_free(tg_curl* curl) {
  delete curl;
}

tg_status tg_curl_run(const tg_curl* curl, tg_exchange* exchange, const tg_curl_client* client,
                      tg_error** error) {
  return guard(error, [&]() -> Fault {
    if (curl == nullptr || exchange == nullptr || client == nullptr) {
      return {TG_E_INVALID, "curl, exchange or client is NULL"};
    }
    tg_curl_client known = TG_CURL_CLIENT_INIT;
    if (!read_struct(*client, known)) return {TG_E_ABI, "tg_curl_client is of another version"};
    Run run(*curl->driver, exchange, known);
    return {run.drive(error), {}};
  });
}

void tg_curl_wake(uint64_t token, void* user) {
  if (user != nullptr) static_cast<const tg_curl*>(user)->driver->wakes.wake(token);
}

tg_status tg_curl_loop_create(const tg_curl* curl, tg_curl_loop** loop, tg_error** error) {
  return create_loop(curl, Loop::Drive::kOwnThread, loop, error);
}

tg_status tg_curl_loop_create_hosted(const tg_curl* curl, tg_curl_loop** loop, tg_error** error) {
  return create_loop(curl, Loop::Drive::kHosted, loop, error);
}

int32_t tg_curl_loop_fd(const tg_curl_loop* loop) {
  return loop == nullptr ? -1 : loop->loop->fd();
}

uint64_t tg_curl_loop_step(tg_curl_loop* loop) {
  return loop == nullptr ? TG_NO_DEADLINE : loop->loop->step();
}

tg_status tg_curl_loop_submit(tg_curl_loop* loop, tg_exchange* exchange, uint64_t wake_token,
                              const tg_curl_client* client, tg_error** error) {
  return guard(error, [&]() -> Fault {
    if (loop == nullptr || exchange == nullptr || client == nullptr) {
      return {TG_E_INVALID, "loop, exchange or client is NULL"};
    }
    tg_curl_client known = TG_CURL_CLIENT_INIT;
    if (!read_struct(*client, known)) return {TG_E_ABI, "tg_curl_client is of another version"};
    if (!loop->loop->submit(exchange, wake_token, known)) {
      return {TG_E_STATE, "the loop is being freed"};
    }
    return {};
  });
}

void tg_curl_loop_unblock(tg_curl_loop* loop, uint64_t wake_token) {
  if (loop != nullptr) loop->loop->unblock(wake_token);
}

void tg_curl_loop_client_gone(tg_curl_loop* loop, uint64_t wake_token) {
  if (loop != nullptr) loop->loop->client_gone(wake_token);
}

void tg_curl_loop_free(tg_curl_loop* loop) {
  delete loop;
}
