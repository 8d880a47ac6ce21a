#include "commands.hpp"
#include "json.hpp"
#include "limits.hpp"

namespace tollgate::server {

namespace {

constexpr std::string_view kHelp =
    "usage: tollgate check [--config FILE]\n"
    "\n"
    "Checks a configuration (default: tollgate.yaml) and prints every error and warning as\n"
    "FILE:LINE:COLUMN: PATH: text. Exit code 1 when there are errors.\n";

void print_diagnostic(JsonValue entry) {
  std::string line(entry.member("file").text());
  line += ':' + std::to_string(entry.member("line").integer());
  line += ':' + std::to_string(entry.member("column").integer()) + ": ";
  const std::string_view path = entry.member("path").text();
  if (!path.empty()) line += std::string(path) + ": ";
  if (entry.member("severity").text() == "warning") line += "warning: ";
  line += entry.member("message").text();
  const std::string_view suggestion = entry.member("suggestion").text();
  if (!suggestion.empty()) line += " (did you mean " + std::string(suggestion) + "?)";
  print(line + "\n");
}

}  // namespace

int command_check(const Words& words) {
  int exit_code = 0;
  const auto options = parse_command(words, {{"--config"}}, kHelp, 0, exit_code);
  if (!options) return exit_code;
  const std::string path = options->value("--config", "tollgate.yaml");
  std::string reason;
  const auto text = read_file(path, limits::kConfigBytesMax, reason);
  if (!text) {
    print_error("tollgate: " + path + ": " + reason + "\n");
    return kExitFailed;
  }

  LookupState lookup_state;
  const tg_gateway_options gateway = gateway_options(path, lookup_state);
  tg_text* made = nullptr;
  tg_error* failed = nullptr;
  const tg_status status = tg_config_check(to_bytes(*text), &gateway, now(), &made, &failed);
  const Owned<tg_error> error(failed);
  const Owned<tg_text> diagnostics(made);
  if (status != TG_OK) {
    print_error("tollgate: " + path + ": " + std::string(message_of(failed)) + "\n");
    return kExitFailed;
  }
  JsonDocument document;
  const JsonValue top = document.parse(to_view(tg_text_bytes(made)));
  top.member("diagnostics").each_item(print_diagnostic);
  const int64_t errors = top.member("errors").integer();
  const int64_t warnings = top.member("warnings").integer();
  print(path + ": " + std::to_string(errors) + (errors == 1 ? " error, " : " errors, ") +
        std::to_string(warnings) + (warnings == 1 ? " warning\n" : " warnings\n"));
  return errors > 0 ? kExitFailed : kExitOk;
}

}  // namespace tollgate::server
