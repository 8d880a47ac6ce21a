// The tollgate program: `tollgate COMMAND`. Each command is a file of its own.

#include <new>

#include "commands.hpp"

namespace tollgate::server {
namespace {

constexpr std::string_view kHelp =
    "usage: tollgate COMMAND [OPTION]...\n"
    "\n"
    "  serve     run the gateway\n"
    "  check     check a configuration and print everything there is to say about it\n"
    "  explain   say what would happen to a request, without sending it\n"
    "  test      run policy tests\n"
    "  settings  print a settings.json for Claude Code\n"
    "  keys      make a gateway token\n"
    "  usage     add up what was used and what it cost\n"
    "  version   print the version\n"
    "\n"
    "tollgate COMMAND --help tells more. Exit codes: 0 fine, 1 no (errors, a denial), 2 wrong "
    "use.\n";

struct Command {
  std::string_view name;
  int (*run)(const Words& words);
};

constexpr Command kCommands[] = {
    {"serve", command_serve}, {"check", command_check},       {"explain", command_explain},
    {"test", command_test},   {"settings", command_settings}, {"keys", command_keys},
    {"usage", command_usage}, {"version", command_version},
};

int run(int argc, char** argv) {
  if (argc < 2) {
    print_error(kHelp);
    return kExitUsage;
  }
  const std::string_view name = argv[1];
  if (name == "--help" || name == "-h" || name == "help") {
    print(kHelp);
    return kExitOk;
  }
  const Words words(argv + 2, argv + argc);
  if (name == "--version") return command_version(words);
  for (const Command& command : kCommands) {
    if (command.name == name) return command.run(words);
  }
  return wrong_use("unknown command \"" + std::string(name) + "\"");
}

}  // namespace
}  // namespace tollgate::server

int main(int argc, char** argv) {
  try {
    return tollgate::server::run(argc, argv);
  } catch (const std::bad_alloc&) {
    return tollgate::server::kExitFailed;
  }
}
