#include "commands.hpp"

namespace tollgate::server {

int command_version(const Words& words) {
  int exit_code = 0;
  const auto options = parse_command(
      words, {}, "usage: tollgate version\n\nPrints the version and the number of the C ABI.\n", 0,
      exit_code);
  if (!options) return exit_code;
  print(std::string("tollgate ") + tg_version_string() + " (ABI " +
        std::to_string(tg_abi_version()) + ")\n");
  return kExitOk;
}

}  // namespace tollgate::server
