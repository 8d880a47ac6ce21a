#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tollgate/tollgate.h"

namespace tollgate::server {

/// The tollgate-server document, as the core has read it.
struct ServerSettings {
  std::string listen;
  std::string state;                ///< File of the ledger; empty: the server's choice.
  bool survives_power_loss = true;  ///< What is written to that file.
  bool has_rules = false;           ///< Budgets or limits are configured.
  std::string records;              ///< File, "-" for stdout, empty for none.
  std::string tls_cert_file;
  std::string tls_key_file;
  int64_t drain_seconds = 300;
  size_t threads = 0;  ///< 0: the server's own choice.
  std::string policy_version;
};

ServerSettings read_server_settings(const tg_gateway* gateway);

}  // namespace tollgate::server
