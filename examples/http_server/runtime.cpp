#include "runtime.hpp"

#include <algorithm>
#include <unistd.h>

#include "json.hpp"
#include "limits.hpp"

namespace tollgate::server {

Runtime::Runtime(ConfigSource source, RuntimeOptions options)
    : source_(std::move(source)), options_(std::move(options)) {}

Runtime::~Runtime() {
  front_.reset();
  health_checks_.stop();
  background_.reset();
  gateway_.reset();
  tg_curl_free(curl_);
}

bool Runtime::start(std::string& reason) {
  watch_files();
  if (!read_config(reason) || !create_driver(reason) || !create_gateway(reason)) return false;
  settings_ = read_server_settings(gateway_.get());
  if (options_.listen.empty()) options_.listen = settings_.listen;
  const auto address = parse_listen(options_.listen);
  if (!address) {
    reason = "\"" + options_.listen + "\" is not HOST:PORT";
    return false;
  }
  if (!records_.open(settings_.records, reason) || !load_tls(reason)) return false;

  // Live lines stay out of stdout when records go there: a program reads those.
  const int live_fd = settings_.records == "-" ? STDERR_FILENO : STDOUT_FILENO;
  live_log_ = std::make_unique<LiveLog>(options_.quiet ? -1 : live_fd);
  background_ = std::make_unique<Background>(records_, *live_log_);
  service_.gateway = gateway_.get();
  service_.curl = curl_;
  service_.records = &records_;
  service_.live_log = live_log_.get();
  service_.tls = settings_.tls_cert_file.empty() ? nullptr : &tls_;

  front_ = std::make_unique<Front>(service_);
  if (!front_->bind(*address, reason)) {
    reason = "cannot listen on " + options_.listen + ": " + reason;
    return false;
  }
  if (!background_->start(gateway_.get(), reason) || !open_ledger(reason)) return false;
  watch_files();
  if (!health_checks_.start(service_)) {
    reason = "no file descriptor is left";
    return false;
  }
  return front_->start(settings_.threads, reason);
}

std::string Runtime::url() const {
  std::string host = parse_listen(options_.listen)->host;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return (service_.tls == nullptr ? "http://" : "https://") + host + ":" +
         std::to_string(front_->port());
}

void Runtime::reload() {
  // What changes from here on is the next reload's.
  watch_.changed();
  std::string reason;
  if (!source_.file.empty()) {
    if (!read_config(reason)) {
      log_line("configuration not reloaded: " + reason);
      return;
    }
    tg_error* failed = nullptr;
    lookup_state_.files.clear();
    const tg_status status =
        tg_gateway_reload(gateway_.get(), to_bytes(source_.text), now(), &failed);
    const Owned<tg_error> error(failed);
    if (status != TG_OK) {
      // A file that is not there yet is looked for too.
      watch_files();
      log_line("configuration not reloaded, the old one stays in force:\n" +
               std::string(message_of(failed)));
      return;
    }
  }
  const ServerSettings before = settings_;
  settings_ = read_server_settings(gateway_.get());
  if (settings_.listen != before.listen) {
    log_line("listen has changed; it takes effect at the next start");
  }
  if (settings_.tls_cert_file.empty() != before.tls_cert_file.empty()) {
    log_line("tls was switched on or off; it takes effect at the next start");
  } else if (!load_tls(reason)) {
    log_line("certificate not reloaded, the old one stays in force: " + reason);
  }
  if (settings_.records != before.records) reopen_records();
  const bool is_other = settings_.state != before.state ||
                        settings_.survives_power_loss != before.survives_power_loss;
  if (is_other && ledger_store_.is_open()) {
    log_line("state has changed; it takes effect at the next start");
  } else if (!open_ledger(reason)) {
    log_line("budgets hold in memory only: " + reason);
  }
  if (settings_.threads != before.threads) {
    log_line("threads has changed; it takes effect at the next start");
  }
  watch_files();
  health_checks_.wake();
  if (!source_.file.empty() && settings_.policy_version != before.policy_version) {
    log_line("configuration reloaded, version " + settings_.policy_version);
    report_warnings();
  }
}

/// Without rules there is nothing to keep, so no file appears unless one was asked for.
bool Runtime::open_ledger(std::string& reason) {
  if (ledger_store_.is_open() || settings_.state == "memory") return true;
  if (settings_.state.empty() && !settings_.has_rules) return true;
  const std::string file = settings_.state.empty() ? "tollgate.db" : settings_.state;
  const tg_sqlite_durability durability =
      settings_.survives_power_loss ? TG_SQLITE_POWER_LOSS : TG_SQLITE_PROCESS;
  if (!ledger_store_.open(file, durability, reason)) return false;
  background_->keep_ledger(ledger_store_);
  return true;
}

void Runtime::reload_if_changed() {
  if (watch_.changed()) reload();
}

void Runtime::reopen_records() {
  std::string reason;
  if (!records_.open(settings_.records, reason)) log_line("records: " + reason);
}

void Runtime::begin_drain() {
  service_.draining = true;
  tg_gateway_set_draining(gateway_.get(), 1);
  front_->dismiss_idle();
}

bool Runtime::is_drained() const {
  return front_->busy() == 0;
}

std::chrono::seconds Runtime::drain_time() const {
  return std::chrono::seconds(
      std::clamp<int64_t>(settings_.drain_seconds, 0, limits::kDrainSecondsMax));
}

void Runtime::break_streams() {
  front_->break_busy();
}

void Runtime::stop(std::chrono::steady_clock::time_point deadline) {
  health_checks_.stop();
  front_->stop(deadline);
  background_->stop();
}

void Runtime::wake(uint64_t token, void* user) {
  auto& runtime = *static_cast<Runtime*>(user);
  if (token == kBackgroundWakeToken) {
    if (runtime.background_ != nullptr) runtime.background_->wake();
  } else {
    tg_curl_wake(token, runtime.curl_);
  }
}

bool Runtime::create_gateway(std::string& reason) {
  tg_gateway_options options = gateway_options(source_.name, lookup_state_);
  options.wake = wake;
  options.wake_user = this;
  options.background_wake_token = kBackgroundWakeToken;
  tg_gateway* created = nullptr;
  tg_error* failed = nullptr;
  const tg_status status =
      tg_gateway_create(to_bytes(source_.text), &options, now(), &created, &failed);
  const Owned<tg_error> error(failed);
  if (status != TG_OK) {
    reason = message_of(failed);
    return false;
  }
  gateway_.reset(created);
  report_warnings();
  return true;
}

bool Runtime::create_driver(std::string& reason) {
  tg_curl_options options = TG_CURL_OPTIONS_INIT;
  options.proxy = to_bytes(options_.proxy);
  options.ca_file = to_bytes(options_.ca_file);
  tg_error* failed = nullptr;
  const tg_status status = tg_curl_create(&options, &curl_, &failed);
  const Owned<tg_error> error(failed);
  if (status != TG_OK) reason = message_of(failed);
  return status == TG_OK;
}

bool Runtime::read_config(std::string& reason) {
  if (source_.file.empty()) return true;
  auto text = read_file(source_.file, limits::kConfigBytesMax, reason);
  if (!text) {
    reason = source_.file + ": " + reason;
    return false;
  }
  source_.text = std::move(*text);
  return true;
}

bool Runtime::load_tls(std::string& reason) {
  return settings_.tls_cert_file.empty() ||
         tls_.load(settings_.tls_cert_file, settings_.tls_key_file, reason);
}

void Runtime::watch_files() {
  std::vector<std::string> paths;
  for (const std::string& path : {source_.file, settings_.tls_cert_file, settings_.tls_key_file}) {
    if (!path.empty()) paths.push_back(path);
  }
  // Keys and tokens in files are renewed there, some every few hours.
  paths.insert(paths.end(), lookup_state_.files.begin(), lookup_state_.files.end());
  watch_.set(std::move(paths));
}

void Runtime::report_warnings() {
  tg_text* made = nullptr;
  if (tg_gateway_describe(gateway_.get(), &made, nullptr) != TG_OK) return;
  const Owned<tg_text> text(made);
  JsonDocument document;
  document.parse(to_view(tg_text_bytes(made))).member("diagnostics").each_item([](JsonValue entry) {
    log_line("warning: " + std::string(entry.member("file").text()) + ":" +
             std::to_string(entry.member("line").integer()) + ": " +
             std::string(entry.member("message").text()));
  });
}

}  // namespace tollgate::server
