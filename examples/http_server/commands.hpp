#pragma once

// One function a command; what they share.

#include <string>
#include <string_view>
#include <vector>

#include "bytes.hpp"
#include "host.hpp"
#include "options.hpp"

namespace tollgate::server {

using Words = std::vector<std::string>;

int command_serve(const Words& words);
int command_check(const Words& words);
int command_explain(const Words& words);
int command_test(const Words& words);
int command_settings(const Words& words);
int command_keys(const Words& words);
int command_usage(const Words& words);
int command_version(const Words& words);

/// Reads a command's options. Gives nothing when the command has nothing to do: --help was asked
/// for, or the use was wrong; `exit_code` says which.
std::optional<Options> parse_command(const Words& words, const std::vector<OptionSpec>& specs,
                                     std::string_view help, size_t words_max, int& exit_code);

/// Says what was wrong with the use of a command.
int wrong_use(std::string_view reason);

void print(std::string_view text);
void print_error(std::string_view text);

/// A gateway from a file. On failure the diagnostics are on stderr.
struct LoadedGateway {
  LookupState lookup_state;
  Owned<tg_gateway> gateway;
};
bool load_gateway(const std::string& path, tg_time at, const uint64_t* seed, LoadedGateway& loaded);

}  // namespace tollgate::server
