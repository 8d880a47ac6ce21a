#pragma once

// Everything a running server consists of, and what can happen to it: start, reload, drain.

#include <chrono>
#include <memory>
#include <string>

#include "background.hpp"
#include "bytes.hpp"
#include "file_watch.hpp"
#include "front.hpp"
#include "health_checks.hpp"
#include "host.hpp"
#include "ledger_store.hpp"
#include "live_log.hpp"
#include "record_sink.hpp"
#include "server_settings.hpp"
#include "service.hpp"
#include "tls.hpp"

namespace tollgate::server {

/// Where the configuration comes from.
struct ConfigSource {
  std::string file;  ///< Empty: the text is built in and never changes.
  std::string text;
  std::string name;  ///< For diagnostics.
};

struct RuntimeOptions {
  std::string listen;  ///< Empty: the configuration's.
  std::string proxy;   ///< For upstream calls; empty for none.
  std::string ca_file;
  bool quiet = false;  ///< No live lines.
};

class Runtime {
 public:
  Runtime(ConfigSource source, RuntimeOptions options);
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  ~Runtime();

  /// Loads, binds and begins to accept. On failure says why; nothing is left running.
  bool start(std::string& reason);

  /// "http://127.0.0.1:8787", as a client on this machine reaches it.
  std::string url() const;
  const tg_gateway* gateway() const { return gateway_.get(); }

  /// Reads configuration and certificates again. What is not valid is reported and not used.
  void reload();
  /// reload() when one of the files has changed.
  void reload_if_changed();
  /// For a rotated records file.
  void reopen_records();

  /// Takes no more work; open streams go on.
  void begin_drain();
  bool is_drained() const;
  std::chrono::seconds drain_time() const;
  /// Breaks what is still open.
  void break_streams();
  /// Ends all threads; answers that are on their way are waited for until the deadline.
  void stop(std::chrono::steady_clock::time_point deadline);

 private:
  static void wake(uint64_t token, void* user);

  bool create_gateway(std::string& reason);
  bool create_driver(std::string& reason);
  bool read_config(std::string& reason);
  bool load_tls(std::string& reason);
  bool open_ledger(std::string& reason);
  void watch_files();
  void report_warnings();

  ConfigSource source_;
  RuntimeOptions options_;
  LookupState lookup_state_;
  ServerSettings settings_;
  FileWatch watch_;

  Owned<tg_gateway> gateway_;
  tg_curl* curl_ = nullptr;
  RecordSink records_;
  TlsStore tls_;
  Service service_;
  std::unique_ptr<LiveLog> live_log_;
  LedgerStore ledger_store_;
  std::unique_ptr<Background> background_;
  HealthChecks health_checks_;
  std::unique_ptr<Front> front_;
};

}  // namespace tollgate::server
