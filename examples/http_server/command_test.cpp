#include <cstdlib>

#include "commands.hpp"
#include "json.hpp"
#include "limits.hpp"

namespace tollgate::server {

namespace {

constexpr std::string_view kHelp =
    "usage: tollgate test FILE... [--config FILE] [--at TIME] [--json]\n"
    "\n"
    "Runs policy tests: requests through a configuration, with a clock of their own and scripted\n"
    "upstreams. Nothing is sent. Variables that are not set stand for themselves, so that tests\n"
    "need no keys.\n"
    "\n"
    "  FILE           cases; paths in it are relative to its folder\n"
    "  --config FILE  the configuration, instead of the one the cases name\n"
    "  --at TIME      the time of cases that name none, as 2026-11-22T09:00:00Z (default: now)\n"
    "  --json         print the reports as JSON, one a line\n"
    "\n"
    "Exit code 0 when all cases pass, 1 when one fails or a file has errors.\n";

/// What the configuration under test refers to.
struct TestLookup {
  std::string folder;
  std::string value;
};

int32_t look_up(int32_t kind, tg_bytes name, tg_bytes* value, void* user) {
  auto* lookup = static_cast<TestLookup*>(user);
  const std::string text(to_view(name));
  if (kind == TG_REFERENCE_ENV) {
    const char* found = std::getenv(text.c_str());
    lookup->value = found != nullptr ? found : "value-of-" + text;
  } else {
    std::string reason;
    const bool relative = !text.empty() && text.front() != '/';
    auto read = read_file(relative ? lookup->folder + text : text, limits::kConfigBytesMax, reason);
    if (!read) return 0;
    lookup->value = std::move(*read);
    if (lookup->value.ends_with('\n')) lookup->value.pop_back();
  }
  *value = to_bytes(lookup->value);
  return 1;
}

std::string as_text(const std::string& file, JsonValue report) {
  std::string out;
  report.member("cases").each_item([&](JsonValue one) {
    out += one.member("passed").boolean() ? "ok      " : "FAILED  ";
    out += std::string(one.member("name").text()) + '\n';
    one.member("problems").each_item([&](JsonValue problem) {
      out += "        " + std::string(problem.text()) + '\n';
    });
  });
  out += file + ": " + std::to_string(report.member("passed").integer()) + " passed, " +
         std::to_string(report.member("failed").integer()) + " failed\n";
  return out;
}

/// The folder of a file, with its slash; empty for one that lies here.
std::string folder_of(const std::string& file) {
  const size_t slash = file.rfind('/');
  return slash == std::string::npos ? std::string() : file.substr(0, slash + 1);
}

/// True when all cases of the file pass.
bool test_file(const std::string& file, const std::string& config, tg_time at, bool json) {
  std::string reason;
  const auto cases = read_file(file, limits::kConfigBytesMax, reason);
  if (!cases) {
    print_error("tollgate: " + file + ": " + reason + "\n");
    return false;
  }
  TestLookup lookup{folder_of(file), {}};
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  options.config_name = to_bytes(file);
  options.lookup = look_up;
  options.lookup_user = &lookup;
  tg_text* made = nullptr;
  tg_error* failed = nullptr;
  const tg_status status =
      tg_policy_test(to_bytes(*cases), to_bytes(config), &options, at, &made, &failed);
  const Owned<tg_error> error(failed);
  const Owned<tg_text> report(made);
  if (status != TG_OK) {
    print_error(std::string(message_of(failed)) + "\n");
    return false;
  }
  const std::string_view text = to_view(tg_text_bytes(made));
  JsonDocument document;
  const JsonValue top = document.parse(text);
  print(json ? std::string(text) + "\n" : as_text(file, top));
  return top.member("failed").integer() == 0;
}

}  // namespace

int command_test(const Words& words) {
  constexpr size_t kFilesMax = 10'000;
  int exit_code = 0;
  const auto options = parse_command(words, {{"--config"}, {"--at"}, {"--json", false}}, kHelp,
                                     kFilesMax, exit_code);
  if (!options) return exit_code;
  if (options->words().empty()) return wrong_use("FILE is missing");
  tg_time at = now();
  if (options->has("--at")) {
    const auto wall_ms = parse_time(options->value("--at"));
    if (!wall_ms) return wrong_use("--at is a time such as 2026-11-22T09:00:00Z");
    at.wall_ms = *wall_ms;
  }
  std::string config;
  if (options->has("--config")) {
    std::string reason;
    const std::string path = options->value("--config");
    auto read = read_file(path, limits::kConfigBytesMax, reason);
    if (!read) {
      print_error("tollgate: " + path + ": " + reason + "\n");
      return kExitFailed;
    }
    config = std::move(*read);
  }
  bool passed = true;
  for (const std::string& file : options->words())
    passed = test_file(file, config, at, options->has("--json")) && passed;
  return passed ? kExitOk : kExitFailed;
}

}  // namespace tollgate::server
