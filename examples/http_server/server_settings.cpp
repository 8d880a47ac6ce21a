#include "server_settings.hpp"

#include "bytes.hpp"
#include "json.hpp"

namespace tollgate::server {

ServerSettings read_server_settings(const tg_gateway* gateway) {
  ServerSettings settings;
  tg_text* made = nullptr;
  if (tg_gateway_describe(gateway, &made, nullptr) != TG_OK) return settings;
  const Owned<tg_text> text(made);
  JsonDocument document;
  const JsonValue top = document.parse(to_view(tg_text_bytes(made)));
  const JsonValue server = top.member("server");
  settings.policy_version = top.member("policy_version").text();
  settings.listen = server.member("listen").text();
  settings.state = server.member("state").text();
  settings.survives_power_loss = server.member("state_durability").text() != "process_crash";
  settings.has_rules = top.member("rules").integer() > 0;
  settings.records = server.member("records").text();
  settings.tls_cert_file = server.member("tls").member("cert_file").text();
  settings.tls_key_file = server.member("tls").member("key_file").text();
  settings.drain_seconds = server.member("drain_seconds").integer(settings.drain_seconds);
  settings.threads = static_cast<size_t>(server.member("threads").integer());
  return settings;
}

}  // namespace tollgate::server
