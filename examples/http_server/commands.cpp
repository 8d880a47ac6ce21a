#include "commands.hpp"

#include <unistd.h>

#include "limits.hpp"

namespace tollgate::server {

std::optional<Options> parse_command(const Words& words, const std::vector<OptionSpec>& specs,
                                     std::string_view help, size_t words_max, int& exit_code) {
  std::vector<OptionSpec> known = specs;
  known.push_back({"--help", false, true});
  known.push_back({"-h", false, true});
  std::string reason;
  auto options = Options::parse(words, known, reason);
  if (options && (options->has("--help") || options->has("-h"))) {
    print(help);
    exit_code = kExitOk;
    return std::nullopt;
  }
  if (options && options->words().size() > words_max) {
    reason = "unexpected word \"" + options->words()[words_max] + "\"";
    options.reset();
  }
  if (!options) exit_code = wrong_use(reason);
  return options;
}

int wrong_use(std::string_view reason) {
  print_error("tollgate: " + std::string(reason) + "; see --help\n");
  return kExitUsage;
}

// A closed stdout or stderr leaves nobody to tell.
void print(std::string_view text) {
  static_cast<void>(write_all(STDOUT_FILENO, text));
}
void print_error(std::string_view text) {
  static_cast<void>(write_all(STDERR_FILENO, text));
}

bool load_gateway(const std::string& path, tg_time at, const uint64_t* seed,
                  LoadedGateway& loaded) {
  std::string reason;
  const auto text = read_file(path, limits::kConfigBytesMax, reason);
  if (!text) {
    print_error("tollgate: " + path + ": " + reason + "\n");
    return false;
  }
  tg_gateway_options options = gateway_options(path, loaded.lookup_state);
  if (seed != nullptr) {
    // The core takes two zero halves for "no seed": the high half keeps seed 0 apart from that.
    options.seed_high = 1;
    options.seed_low = *seed;
  }
  tg_gateway* created = nullptr;
  tg_error* failed = nullptr;
  const tg_status status = tg_gateway_create(to_bytes(*text), &options, at, &created, &failed);
  const Owned<tg_error> error(failed);
  if (status != TG_OK) {
    print_error(std::string(message_of(failed)) + "\n");
    return false;
  }
  loaded.gateway.reset(created);
  return true;
}

}  // namespace tollgate::server
