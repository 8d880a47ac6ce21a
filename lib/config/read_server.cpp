#include <charconv>
#include <utility>

#include "config/document_types.hpp"
#include "config/names.hpp"

namespace tollgate::config {
namespace {

/// HOST:PORT, with an IPv6 address in brackets.
bool is_listen_address(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (!is_plain_name(host)) return false;
  if (host.find(':') != std::string_view::npos && (host.front() != '[' || host.back() != ']')) {
    return false;
  }
  int number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc{} && end == port.data() + port.size() && number >= 0 &&
         number <= 65535 && port.front() != '-';
}

void read_listen(StrictMapping& document, ServerSettings& server) {
  const std::optional<Value> value = document.take("listen");
  std::optional<std::string> text = value ? read_string(document.reading(), *value) : std::nullopt;
  if (!text) return;
  if (!is_listen_address(*text)) {
    document.reading().report.error(value->place(), "must be HOST:PORT, as 127.0.0.1:8787");
    return;
  }
  server.listen = std::move(*text);
}

/// False with a finding when budgets cannot be kept there.
bool is_state(const std::string& text, const Place& place, Report& report) {
  if (text.starts_with("rediss:")) {
    report.error(place,
                 "Redis with TLS is not supported by this version: use redis:// on a private "
                 "network");
    return false;
  }
  if (text.empty()) report.error(place, "must be a file's name or redis://HOST:PORT");
  return !text.empty();
}

/// PLACE, or {path, durability}.
void read_state(StrictMapping& document, ServerSettings& server) {
  const std::optional<Value> value = document.take("state");
  if (!value) return;
  Report& report = document.reading().report;
  if (value->node->kind != NodeKind::kMapping) {
    std::optional<std::string> text = read_string(document.reading(), *value);
    if (text && is_state(*text, value->place(), report)) server.state = std::move(*text);
    return;
  }
  StrictMapping state(document.reading(), *value);
  const std::optional<Value> path = state.require("path");
  std::optional<std::string> text = path ? read_string(document.reading(), *path) : std::nullopt;
  if (const std::optional<Value> level = state.take("durability")) {
    const std::optional<std::string> name = read_string(document.reading(), *level);
    server.survives_power_loss = name != "process_crash";
    if (name && name != "process_crash" && name != "power_loss") {
      report.error(level->place(), "must be power_loss or process_crash");
    }
  }
  state.done();
  if (!text || !is_state(*text, path->place(), report)) return;
  if (!server.survives_power_loss && (text->starts_with("redis:") || *text == "memory")) {
    report.error(value->place(), "durability is of files; what Redis keeps is its own setting");
  }
  server.state = std::move(*text);
}

void read_server_tls(StrictMapping& document, ServerSettings& server) {
  const std::optional<Value> value = document.take("tls");
  if (!value) return;
  StrictMapping tls(document.reading(), *value);
  server.tls_cert_file = tls.require_string("cert_file").value_or("");
  server.tls_key_file = tls.require_string("key_file").value_or("");
  tls.done();
}

}  // namespace

void read_server(StrictMapping& document, Draft& draft) {
  ServerSettings server;
  document.take("name");
  read_listen(document, server);
  read_state(document, server);
  server.records = document.string("records").value_or("");
  server.drain_seconds = document.integer("drain_seconds", server.drain_seconds, 0, 86'400);
  read_server_tls(document, server);
  server.threads = document.integer("threads", 0, 0, 65'536);
  const Place place = document.where().place();
  if (draft.server_place) {
    document.reading().report.error(place,
                                    "a second tollgate-server document, the first is in line " +
                                        std::to_string(draft.server_place->mark.line));
    return;
  }
  draft.server_place = place;
  draft.server = std::move(server);
}

}  // namespace tollgate::config
