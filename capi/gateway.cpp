#include "tollgate/gateway.h"

#include <cstdlib>
#include <string>
#include <utility>

#include "tollgate/config.h"

#include "capi/objects.hpp"
#include "gateway/corrections.hpp"

namespace tollgate::capi {
namespace {

/// Without a lookup of the host's, variables come from the process's environment. That is no I/O; a
/// file would be, so "file:" needs a host.
bool lookup_environment(config::ReferenceKind kind, std::string_view name, std::string& value) {
  if (kind != config::ReferenceKind::kEnvironment) return false;
  const char* found = std::getenv(std::string(name).c_str());
  if (found == nullptr) return false;
  value = found;
  return true;
}

config::Lookup make_lookup(const tg_gateway_options& options) {
  if (options.lookup == nullptr) return lookup_environment;
  return [lookup = options.lookup, user = options.lookup_user](
             config::ReferenceKind kind, std::string_view name, std::string& value) {
    tg_bytes found{nullptr, 0};
    const int32_t reference = kind == config::ReferenceKind::kEnvironment
                                  ? static_cast<int32_t>(TG_REFERENCE_ENV)
                                  : static_cast<int32_t>(TG_REFERENCE_FILE);
    if (lookup(reference, bytes(name), &found, user) == 0) return false;
    if (found.data == nullptr && found.size > 0) return false;  // A slip of the host's.
    value = view(found);
    return true;
  };
}

}  // namespace

Status read_gateway_options(const tg_gateway_options* given, gateway::GatewayOptions& options) {
  tg_gateway_options known = TG_GATEWAY_OPTIONS_INIT;
  if (Status status = read_struct(given, known, "tg_gateway_options"); !status.ok()) return status;
  if (known.reserved_flags != 0) return invalid("reserved_flags must be 0", "reserved_flags");
  if (Status status = check_bytes(known.config_name, "config_name"); !status.ok()) return status;
  if (known.config_name.size > kNameBytesMax) {
    return invalid("config_name has at most 4096 bytes", "config_name");
  }
  if (known.config_name.size > 0) options.config_name = view(known.config_name);
  options.lookup = make_lookup(known);
  options.host_capabilities = known.host_capabilities;
  options.seed_high = known.seed_high;
  options.seed_low = known.seed_low;
  options.waker = {known.wake, known.wake_user, known.background_wake_token};
  options.body_bytes_max = known.body_bytes_in_flight_max;
  options.exchanges_max = known.exchanges_max;
  return Status();
}

}  // namespace tollgate::capi

using tollgate::Code;
using tollgate::invalid;
using tollgate::Status;
using tollgate::capi::guard;
using tollgate::capi::time_of;
using tollgate::capi::view;

tg_status tg_gateway_create(tg_bytes config, const tg_gateway_options* options, tg_time now,
                            tg_gateway** gateway, tg_error** error) {
  if (gateway != nullptr) *gateway = nullptr;
  return guard(error, [&]() -> Status {
    if (gateway == nullptr) return invalid("gateway is NULL");
    if (Status status = tollgate::capi::check_bytes(config, "config"); !status.ok()) return status;
    tollgate::gateway::GatewayOptions known;
    if (Status status = tollgate::capi::read_gateway_options(options, known); !status.ok()) {
      return status;
    }
    auto made = tollgate::gateway::Gateway::create(view(config), std::move(known), time_of(now));
    if (!made.ok()) return made.status();
    *gateway = new tg_gateway{std::move(made.value())};
    return Status();
  });
}

tg_status tg_gateway_reload(const tg_gateway* gateway, tg_bytes config, tg_time now,
                            tg_error** error) {
  return guard(error, [&]() -> Status {
    if (gateway == nullptr) return invalid("gateway is NULL");
    if (Status status = tollgate::capi::check_bytes(config, "config"); !status.ok()) return status;
    return gateway->gateway->reload(view(config), time_of(now));
  });
}

tg_status tg_gateway_describe(const tg_gateway* gateway, tg_text** text, tg_error** error) {
  if (text != nullptr) *text = nullptr;
  return guard(error, [&]() -> Status {
    if (gateway == nullptr || text == nullptr) return invalid("an argument is NULL");
    tollgate::capi::export_text(gateway->gateway->describe(), text);
    return Status();
  });
}

tg_status tg_gateway_metrics(const tg_gateway* gateway, tg_text** text, tg_error** error) {
  if (text != nullptr) *text = nullptr;
  return guard(error, [&]() -> Status {
    if (gateway == nullptr || text == nullptr) return invalid("an argument is NULL");
    tollgate::capi::export_text(gateway->gateway->metrics(), text);
    return Status();
  });
}

tg_status tg_gateway_correct(const tg_gateway* gateway, tg_bytes id, tg_bytes budget,
                             tg_bytes subject, int64_t nano_usd, int64_t wall_ms, tg_bytes note,
                             tg_time now, tg_error** error) {
  return guard(error, [&]() -> Status {
    if (gateway == nullptr) return invalid("gateway is NULL");
    for (const auto& [bytes, name] : {std::pair{id, "id"}, std::pair{budget, "budget"},
                                      std::pair{subject, "subject"}, std::pair{note, "note"}}) {
      if (Status status = tollgate::capi::check_bytes(bytes, name); !status.ok()) return status;
    }
    return tollgate::gateway::correct_budget(
        *gateway->gateway, {view(id), view(budget), view(subject), nano_usd, wall_ms, view(note)},
        time_of(now));
  });
}

tg_status tg_gateway_reprice(const tg_gateway* gateway, tg_bytes id, tg_bytes records,
                             int64_t from_wall_ms, int64_t to_wall_ms, tg_time now,
                             tg_text** report, tg_error** error) {
  if (report != nullptr) *report = nullptr;
  return guard(error, [&]() -> Status {
    if (gateway == nullptr || report == nullptr) return invalid("an argument is NULL");
    for (const auto& [bytes, name] : {std::pair{id, "id"}, std::pair{records, "records"}}) {
      if (Status status = tollgate::capi::check_bytes(bytes, name); !status.ok()) return status;
    }
    auto made = tollgate::gateway::reprice(*gateway->gateway, view(id), view(records), from_wall_ms,
                                           to_wall_ms, time_of(now));
    if (!made.ok()) return made.status();
    tollgate::capi::export_text(made.value(), report);
    return Status();
  });
}

void tg_gateway_set_draining(const tg_gateway* gateway, int32_t draining) {
  if (gateway != nullptr) gateway->gateway->environment()->draining.store(draining != 0);
}

uint64_t tg_gateway_open_exchanges(const tg_gateway* gateway) {
  return gateway == nullptr ? 0 : gateway->gateway->environment()->open_exchanges.load();
}

void tg_gateway_free(tg_gateway* gateway) {
  delete gateway;
}

tg_status tg_config_check(tg_bytes config, const tg_gateway_options* options, tg_time now,
                          tg_text** diagnostics, tg_error** error) {
  if (diagnostics != nullptr) *diagnostics = nullptr;
  return guard(error, [&]() -> Status {
    if (diagnostics == nullptr) return invalid("diagnostics is NULL");
    if (Status status = tollgate::capi::check_bytes(config, "config"); !status.ok()) return status;
    tollgate::gateway::GatewayOptions known;
    if (Status status = tollgate::capi::read_gateway_options(options, known); !status.ok()) {
      return status;
    }
    if (config.size > tollgate::limits::kConfigBytesMax) {
      return Status(Code::kLimit, "the configuration is larger than 16 MiB");
    }
    const tollgate::config::LoadResult result =
        tollgate::config::load(view(config), known.config_name, known.lookup, time_of(now));
    tollgate::capi::export_text(tollgate::config::to_json(result.diagnostics), diagnostics);
    return Status();
  });
}
