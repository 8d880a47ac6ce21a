#pragma once

// The command line: "--name value", "--name=value" and flags. Wrong use is exit code 2.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::server {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

/// What a command accepts.
struct OptionSpec {
  std::string_view name;    ///< "--config".
  bool takes_value = true;  ///< False: a flag.
  bool may_repeat = false;  ///< "--header".
};

/// What was given.
class Options {
 public:
  /// Reads the words after the command's name. On wrong use gives nothing and says why.
  static std::optional<Options> parse(const std::vector<std::string>& words,
                                      const std::vector<OptionSpec>& specs, std::string& reason);

  bool has(std::string_view name) const;
  /// The last value given, or the default.
  std::string value(std::string_view name, std::string_view otherwise = {}) const;
  std::vector<std::string> values(std::string_view name) const;
  /// Words that do not begin with "-" (and "-" itself).
  const std::vector<std::string>& words() const { return words_; }

 private:
  struct Given {
    std::string name;
    std::string value;
  };
  std::vector<Given> given_;
  std::vector<std::string> words_;
};

/// A whole non-negative number, or nothing.
std::optional<uint64_t> parse_number(std::string_view text);

/// Splits "HOST:PORT" and "[IPv6]:PORT"; the port may be 0 (any).
struct ListenAddress {
  std::string host;
  int port = 0;
};
std::optional<ListenAddress> parse_listen(std::string_view text);

/// Milliseconds since 1970 of "2026-11-22T09:00:00Z", "2026-11-22T09:00:00" or "2026-11-22", UTC.
std::optional<int64_t> parse_time(const std::string& text);

}  // namespace tollgate::server
