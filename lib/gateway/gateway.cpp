#include "gateway/gateway.hpp"

#include <utility>
#include <vector>

#include "tollgate/action.h"

#include "base/limits.hpp"
#include "base/rng.hpp"
#include "json/writer.hpp"

namespace tollgate::gateway {
namespace {

/// A host that names no capabilities was built for these kinds and knows no later ones.
constexpr uint64_t kKindsOfAbi1 = (TG_CAPABILITY(TG_ACTION_CLIENT_ABORT) << 1U) - 1;

/// All errors for a person, one a line; the first one's path.
Status refusal(const std::vector<config::Diagnostic>& diagnostics) {
  std::string message;
  std::string path;
  for (const config::Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != config::Severity::kError) continue;
    if (message.empty()) path = diagnostic.path;
    if (!message.empty()) message += '\n';
    message += config::to_line(diagnostic);
  }
  return Status(Code::kInvalid, std::move(message), std::move(path));
}

void write_server(json::Writer& writer, const config::ServerSettings& server) {
  writer.key("server")
      .begin_object()
      .member("listen", server.listen)
      .member("state", server.state)
      .member("state_durability", server.survives_power_loss ? "power_loss" : "process_crash")
      .member("records", server.records)
      .member("drain_seconds", server.drain_seconds)
      .member("threads", server.threads)
      .key("tls")
      .begin_object()
      .member("cert_file", server.tls_cert_file)
      .member("key_file", server.tls_key_file)
      .end_object()
      .end_object();
}

}  // namespace

Result<std::shared_ptr<Gateway>> Gateway::create(std::string_view text, GatewayOptions options,
                                                 Time now) {
  std::shared_ptr<Gateway> gateway(new Gateway(std::move(options)));
  auto loaded = gateway->load(text, now, gateway->warnings_json_);
  if (!loaded.ok()) return loaded.status();
  gateway->configuration_ = std::move(loaded.value());

  const GatewayOptions& given = gateway->options_;
  gateway->environment_ = std::make_shared<exchange::Environment>();
  exchange::Environment& environment = *gateway->environment_;
  environment.host_capabilities =
      given.host_capabilities != 0 ? given.host_capabilities : kKindsOfAbi1;
  environment.seed_high = given.seed_high;
  environment.seed_low = given.seed_low;
  if (given.seed_high == 0 && given.seed_low == 0) {
    environment.seed_high = mix64(static_cast<uint64_t>(now.wall_ms));
    environment.seed_low = mix64(now.mono_ns);
  }
  if (given.body_bytes_max != 0) environment.body_bytes_max = given.body_bytes_max;
  if (given.exchanges_max != 0) environment.exchanges_max = given.exchanges_max;
  environment.waker = given.waker;
  environment.ledger->set_waker([waker = given.waker](uint64_t token) { waker(token); });
  environment.rooms.set_waker(given.waker);
  return gateway;
}

Result<std::shared_ptr<const config::Configuration>> Gateway::load(std::string_view text, Time now,
                                                                   std::string& warnings) const {
  if (text.size() > limits::kConfigBytesMax) {
    return Status(Code::kLimit, "the configuration is larger than 16 MiB");
  }
  config::LoadResult result = config::load(text, options_.config_name, options_.lookup, now);
  if (result.configuration == nullptr) return refusal(result.diagnostics);
  warnings = config::to_json(result.diagnostics);
  return std::move(result.configuration);
}

Status Gateway::reload(std::string_view text, Time now) {
  std::string warnings;
  auto loaded = load(text, now, warnings);
  if (!loaded.ok()) return loaded.status();
  const std::lock_guard lock(mutex_);
  configuration_ = std::move(loaded.value());
  warnings_json_ = std::move(warnings);
  return Status();
}

Result<std::unique_ptr<exchange::Exchange>> Gateway::new_exchange(exchange::ExchangeOptions options,
                                                                  Time now) const {
  // The exchange counts itself under this lock: of two that ask at once, one gets the last place.
  const std::lock_guard lock(mutex_);
  if (environment_->open_exchanges.load() >= environment_->exchanges_max) {
    return Status(Code::kLimit, "as many exchanges are open as the gateway's options allow");
  }
  return std::make_unique<exchange::Exchange>(environment_, configuration_, std::move(options),
                                              now);
}

std::shared_ptr<const config::Configuration> Gateway::configuration() const {
  const std::lock_guard lock(mutex_);
  return configuration_;
}

std::string Gateway::describe() const {
  std::shared_ptr<const config::Configuration> configuration;
  std::string warnings;
  {
    const std::lock_guard lock(mutex_);
    configuration = configuration_;
    warnings = warnings_json_;
  }
  std::string out;
  json::Writer writer(out);
  writer.begin_object().member("policy_version", configuration->version);
  writer.member("rules", static_cast<int64_t>(configuration->rules.size()));
  writer.key("models").begin_array();
  for (const router::Integration& entry : configuration->catalog.integrations()) {
    writer.begin_object()
        .member("name", entry.account_name + "/" + entry.name)
        .member("account", entry.account_name)
        .member("integration", entry.name)
        .member("model_id", entry.model_id)
        .member("display_name", entry.display_name)
        .member("type", configuration->accounts[entry.account].type)
        .end_object();
  }
  writer.end_array();
  writer.key("virtual_models").begin_array();
  for (const router::VirtualModel& model : configuration->routes.models())
    writer.begin_object().member("name", model.name).member("slug", model.slug).end_object();
  writer.end_array();
  writer.key("principals")
      .begin_object()
      .member("count", static_cast<int64_t>(configuration->directory.principal_count()))
      .member("tokens", static_cast<int64_t>(configuration->directory.token_count()))
      .end_object();
  write_server(writer, configuration->server);
  writer.raw_member("diagnostics", warnings).end_object();
  return out;
}

std::string Gateway::metrics() const {
  return environment_->metrics_text();
}

}  // namespace tollgate::gateway
