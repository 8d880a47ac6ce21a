#pragma once

#include <string>
#include <string_view>

namespace tollgate::redis_driver {

/// Where a Redis is and how to be let in.
struct Url {
  std::string host;
  int port = 6379;
  std::string user;
  std::string password;
  int database = 0;
};

/// Reads redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]. False with a reason for people, which
/// shows nothing of the URL.
bool parse_url(std::string_view text, Url& url, std::string& reason);

}  // namespace tollgate::redis_driver
