#include <algorithm>

#include "claude_settings.hpp"
#include "commands.hpp"
#include "server_settings.hpp"

namespace tollgate::server {

namespace {

constexpr std::string_view kHelp =
    "usage: tollgate settings --kind KIND [--config FILE] [--url URL]\n"
    "\n"
    "Prints a settings.json for Claude Code with the models of the configuration.\n"
    "\n"
    "  --kind standard        ~/.claude/settings.json with a gateway token\n"
    "         subscription    ~/.claude/settings.json for a Claude login that goes upstream\n"
    "         project         .claude/settings.json of a repository; holds no token\n"
    "         managed         managed-settings.json for device management (MDM)\n"
    "         server-managed  for the Claude admin console\n"
    "  --config FILE          the configuration (default: tollgate.yaml)\n"
    "  --url URL              where clients reach the gateway (default: where it listens)\n";

std::string default_url(const tg_gateway* gateway) {
  const ServerSettings settings = read_server_settings(gateway);
  return (settings.tls_cert_file.empty() ? "http://" : "https://") + settings.listen;
}

bool is_url(std::string_view url) {
  const bool scheme = url.starts_with("http://") || url.starts_with("https://");
  return scheme && std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace

int command_settings(const Words& words) {
  int exit_code = 0;
  const auto options =
      parse_command(words, {{"--kind"}, {"--config"}, {"--url"}}, kHelp, 0, exit_code);
  if (!options) return exit_code;
  if (!options->has("--kind")) return wrong_use("--kind is missing");
  const auto kind = settings_kind(options->value("--kind"));
  if (!kind) {
    return wrong_use("--kind is standard, subscription, project, managed or server-managed");
  }
  LoadedGateway loaded;
  if (!load_gateway(options->value("--config", "tollgate.yaml"), now(), nullptr, loaded)) {
    return kExitFailed;
  }
  const std::string url =
      options->has("--url") ? options->value("--url") : default_url(loaded.gateway.get());
  if (!is_url(url)) return wrong_use("--url begins with http:// or https://");
  print(claude_settings(*kind, url, read_models(loaded.gateway.get())));
  // Beside the JSON, so that stdout can be redirected into the file.
  print_error(std::string(settings_note(*kind)) + "\n");
  return kExitOk;
}

}  // namespace tollgate::server
