#include <algorithm>
#include <fstream>
#include <iostream>

#include "commands.hpp"
#include "left_table.hpp"
#include "server_settings.hpp"
#include "usage_table.hpp"

namespace tollgate::server {

namespace {

constexpr std::string_view kHelp =
    "usage: tollgate usage [--config FILE | --records FILE|-...] [--by DIMENSION]...\n"
    "                      [--from TIME] [--to TIME] [--csv | --json]\n"
    "       tollgate usage --left FILE|-\n"
    "\n"
    "Adds up what the records of a server tell: requests, tokens and cost.\n"
    "\n"
    "  --config FILE   the configuration that names the record file (default: tollgate.yaml)\n"
    "  --records FILE  a file of records instead, - for stdin; may repeat\n"
    "  --by            user, team, model, account, day or metadata.KEY; may repeat. A request of\n"
    "                  several teams is in the row of each, and once in the total\n"
    "  --from TIME     from this time on, as 2026-11-22 or 2026-11-22T09:00:00Z\n"
    "  --to TIME       before this time\n"
    "  --csv, --json   for programs; costs are USD with nine decimals\n"
    "  --left FILE     an answer of GET /v1/usage/me, - for stdin: shows where the caller's "
    "budgets\n"
    "                  and rate limits stand\n";

constexpr std::string_view kOfRecords[] = {"--config", "--records", "--by",  "--from",
                                           "--to",     "--csv",     "--json"};
constexpr size_t kAnswerBytesMax = 16 * 1024 * 1024;

/// The beginning of an RFC 3339 time that sorts as it should; nothing when it is no time.
bool read_bound(const Options& options, std::string_view name, std::string& bound) {
  bound = options.value(name);
  if (bound.empty()) return !options.has(name);
  if (!parse_time(bound)) return false;
  if (bound.back() == 'Z') bound.pop_back();
  return true;
}

/// The record files; empty after a message.
std::vector<std::string> record_files(const Options& options) {
  if (options.has("--records")) return options.values("--records");
  const std::string config = options.value("--config", "tollgate.yaml");
  LoadedGateway loaded;
  if (!load_gateway(config, now(), nullptr, loaded)) return {};
  const std::string file = read_server_settings(loaded.gateway.get()).records;
  if (file.empty() || file == "-") {
    print_error("tollgate: " + config +
                ": names no file of records (tollgate-server, records); give one with --records\n");
    return {};
  }
  return {file};
}

bool read_records(const std::string& path, UsageTable& table) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) {
      print_error("tollgate: " + path + ": cannot be read\n");
      return false;
    }
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::string line;
  while (std::getline(in, line)) {
    if (table.add_line(line)) continue;
    print_error("tollgate: more than 1,000,000 rows: ask for fewer dimensions\n");
    return false;
  }
  return true;
}

/// An answer of the gateway about its caller, as a table.
int show_left(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  std::istream& in = path == "-" ? std::cin : file;
  std::string answer(kAnswerBytesMax + 1, '\0');
  in.read(answer.data(), static_cast<std::streamsize>(answer.size()));
  answer.resize(static_cast<size_t>(in.gcount()));
  const auto table = answer.size() > kAnswerBytesMax ? std::nullopt : left_table(answer);
  if (!table) {
    print_error("tollgate: " + path + ": is no answer of GET /v1/usage/me\n");
    return kExitFailed;
  }
  print(*table);
  return kExitOk;
}

}  // namespace

int command_usage(const Words& words) {
  int exit_code = 0;
  const auto options = parse_command(words,
                                     {{"--config"},
                                      {"--records", true, true},
                                      {"--by", true, true},
                                      {"--from"},
                                      {"--to"},
                                      {"--csv", false},
                                      {"--json", false},
                                      {"--left"}},
                                     kHelp, 0, exit_code);
  if (!options) return exit_code;
  if (options->has("--csv") && options->has("--json"))
    return wrong_use("--csv or --json, not both");
  if (options->has("--left")) {
    const bool alone = std::none_of(std::begin(kOfRecords), std::end(kOfRecords),
                                    [&](std::string_view name) { return options->has(name); });
    return alone ? show_left(options->value("--left")) : wrong_use("--left stands alone");
  }
  auto table = UsageTable::by(options->values("--by"));
  if (!table)
    return wrong_use("--by is user, team, model, account, day or metadata.KEY, each once");
  std::string from;
  std::string to;
  if (!read_bound(*options, "--from", from) || !read_bound(*options, "--to", to)) {
    return wrong_use("--from and --to are times such as 2026-11-22");
  }
  table->set_span(from, to);
  const std::vector<std::string> files = record_files(*options);
  if (files.empty()) return kExitFailed;
  for (const std::string& file : files) {
    if (!read_records(file, *table)) return kExitFailed;
  }
  if (table->bad_lines() != 0) {
    print_error("tollgate: " + std::to_string(table->bad_lines()) + " lines are no records\n");
  }
  print(options->has("--csv")    ? table->to_csv()
        : options->has("--json") ? table->to_json() + "\n"
                                 : table->to_text());
  return kExitOk;
}

}  // namespace tollgate::server
