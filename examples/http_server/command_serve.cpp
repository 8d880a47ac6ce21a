#include <csignal>
#include <cstdlib>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "builtin_config.hpp"
#include "commands.hpp"
#include "demo_provider.hpp"
#include "json.hpp"
#include "limits.hpp"
#include "runtime.hpp"

namespace tollgate::server {

namespace {

constexpr std::string_view kHelp =
    "usage: tollgate serve [--config FILE] [--listen HOST:PORT] [--proxy URL] [--ca-file FILE]\n"
    "                      [--quiet]\n"
    "\n"
    "Runs the gateway. Without --config it takes tollgate.yaml of the current folder; without "
    "that,\n"
    "Anthropic with the key in ANTHROPIC_API_KEY; without that, a demo with a built-in provider.\n"
    "\n"
    "  --listen HOST:PORT  instead of the configuration's (default 127.0.0.1:8787); port 0 is any\n"
    "  --proxy URL         for calls to providers; an account's own proxy goes before it\n"
    "  --ca-file FILE      trusted roots (PEM) for calls to providers, instead of the system's\n"
    "  --quiet             no line for each request\n"
    "\n"
    "SIGHUP, or a change of the file, reloads the configuration and the certificate. SIGTERM and\n"
    "SIGINT end the server when all open streams have ended; a second one ends it at once.\n";

constexpr const char* kDefaultFile = "tollgate.yaml";
constexpr std::chrono::seconds kStopTime{1};

/// What is printed for a person to paste.
struct Greeting {
  std::string token;  ///< Empty: the tokens are in the configuration.
  std::string model;
  std::string about;
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Picks the configuration, and starts the demo provider when there is none.
bool choose_config(const Options& options, ConfigSource& source, DemoProvider& demo,
                   RuntimeOptions& runtime, Greeting& greeting, std::string& reason) {
  source.file = options.value("--config");
  if (source.file.empty() && access(kDefaultFile, F_OK) == 0) source.file = kDefaultFile;
  if (!source.file.empty()) {
    source.name = source.file;
    greeting.about = source.file;
    return true;
  }
  greeting.token = random_token("tg");
  char hash[TG_TOKEN_HASH_SIZE];
  if (tg_token_hash(to_bytes(greeting.token), hash) != TG_OK) {
    reason = "the crypto library refuses to hash";
    return false;
  }
  if (!environment("ANTHROPIC_API_KEY").empty()) {
    source.name = "built-in (ANTHROPIC_API_KEY)";
    source.text = anthropic_config(hash);
    greeting.about = "Anthropic with your ANTHROPIC_API_KEY";
    if (runtime.proxy.empty()) runtime.proxy = environment("HTTPS_PROXY");
    if (runtime.proxy.empty()) runtime.proxy = environment("https_proxy");
    return true;
  }
  const int port = demo.start();
  if (port == 0) {
    reason = "the demo provider finds no port";
    return false;
  }
  source.name = "built-in (demo)";
  source.text = demo_config(hash, port);
  greeting.about = "a demo whose provider is built in";
  greeting.model = kDemoModel;
  return true;
}

int64_t principal_count(const tg_gateway* gateway) {
  tg_text* made = nullptr;
  if (tg_gateway_describe(gateway, &made, nullptr) != TG_OK) return 0;
  const Owned<tg_text> text(made);
  JsonDocument document;
  return document.parse(to_view(tg_text_bytes(made)))
      .member("principals")
      .member("count")
      .integer();
}

void greet(const Runtime& runtime, const Greeting& greeting) {
  std::string text = std::string("tollgate ") + tg_version_string() + " listens on " +
                     runtime.url() + " (" + greeting.about + ").\n";
  text += "Paste this where you start Claude Code:\n\n";
  text += "export ANTHROPIC_BASE_URL=" + runtime.url() + "\n";
  if (greeting.token.empty()) {
    text += "# export ANTHROPIC_AUTH_TOKEN=<a token of one of the " +
            std::to_string(principal_count(runtime.gateway())) + " users and virtual accounts in " +
            greeting.about + ">\n";
  } else {
    text += "export ANTHROPIC_AUTH_TOKEN=" + greeting.token + "\n";
  }
  if (!greeting.model.empty()) text += "export ANTHROPIC_MODEL=" + greeting.model + "\n";
  print(text + "\n");
}

/// Every stream takes three descriptors or four; the usual soft limit of 1,024 ends at 300 streams.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP})
    sigaddset(&signals, number);
  // Before the first thread: all of them inherit it, and only the main thread hears signals.
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

/// Waits for a signal; 0 when none came in time.
int next_signal(const sigset_t& signals, std::chrono::milliseconds time) {
  const timespec wait{time.count() / 1000, (time.count() % 1000) * 1'000'000};
  const int number = sigtimedwait(&signals, nullptr, &wait);
  return number > 0 ? number : 0;
}

void serve_until_asked_to_end(Runtime& runtime, const sigset_t& signals) {
  while (true) {
    const int number = next_signal(signals, limits::kWatchInterval);
    if (number == SIGTERM || number == SIGINT) return;
    if (number == SIGHUP) {
      runtime.reopen_records();
      runtime.reload();
    } else {
      runtime.reload_if_changed();
    }
  }
}

void drain(Runtime& runtime, const sigset_t& signals) {
  runtime.begin_drain();
  const auto last = std::chrono::steady_clock::now() + runtime.drain_time();
  if (!runtime.is_drained()) {
    log_line("waiting up to " + std::to_string(runtime.drain_time().count()) +
             " s for open streams; a second signal ends them");
  }
  while (!runtime.is_drained()) {
    if (std::chrono::steady_clock::now() >= last) {
      log_line("the grace time is over; open streams are cut");
      runtime.break_streams();
      return;
    }
    const int number = next_signal(signals, limits::kDrainPollInterval);
    if (number == SIGTERM || number == SIGINT) _exit(kExitFailed);
  }
}

}  // namespace

int command_serve(const Words& words) {
  int exit_code = 0;
  const auto options = parse_command(
      words, {{"--config"}, {"--listen"}, {"--proxy"}, {"--ca-file"}, {"--quiet", false}}, kHelp, 0,
      exit_code);
  if (!options) return exit_code;
  if (options->has("--listen") && !parse_listen(options->value("--listen"))) {
    return wrong_use("--listen is HOST:PORT");
  }
  const sigset_t signals = block_signals();
  raise_descriptor_limit();

  RuntimeOptions runtime_options{options->value("--listen"), options->value("--proxy"),
                                 options->value("--ca-file"), options->has("--quiet")};
  DemoProvider demo;
  ConfigSource source;
  Greeting greeting;
  std::string reason;
  if (!choose_config(*options, source, demo, runtime_options, greeting, reason)) {
    print_error("tollgate: " + reason + "\n");
    return kExitFailed;
  }
  Runtime runtime(std::move(source), std::move(runtime_options));
  if (!runtime.start(reason)) {
    print_error("tollgate: not started:\n" + reason + "\n");
    return kExitFailed;
  }
  greet(runtime, greeting);

  serve_until_asked_to_end(runtime, signals);
  drain(runtime, signals);
  runtime.stop(std::chrono::steady_clock::now() + kStopTime);
  return kExitOk;
}

}  // namespace tollgate::server
