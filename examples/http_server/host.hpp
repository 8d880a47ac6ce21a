#pragma once

// What the core asks of its host and never does itself: the clock, randomness, the environment and
// files; and the few file helpers that every command needs.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tollgate/tollgate.h"

namespace tollgate::server {

tg_time now();

/// From the kernel. Ends the program when the kernel has no randomness: there is no token or id
/// without it.
uint64_t random_u64();

/// "PREFIX_" and 43 letters and digits from 256 random bits.
std::string random_token(std::string_view prefix);

/// "req_" and 24 hexadecimal digits, for answers that are given without an exchange.
std::string random_request_id();

/// The whole file, or nothing and a reason.
std::optional<std::string> read_file(const std::string& path, size_t bytes_max,
                                     std::string& reason);

/// Writes all of it, also over interrupts and short writes.
bool write_all(int fd, std::string_view text);

/// One line on stderr with the time before it: "09:00:00 tollgate: text".
void log_line(std::string_view text);

/// Gateway options with the seed, the name for diagnostics and lookups of the environment and of
/// files. `lookup_state` keeps the last looked-up value and must live as long as the options.
struct LookupState {
  std::string value;
  std::vector<std::string> files;  ///< That were asked for, each once; the owner empties it.
};
tg_gateway_options gateway_options(std::string_view config_name, LookupState& lookup_state);

}  // namespace tollgate::server
