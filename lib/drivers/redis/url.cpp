#include "drivers/redis/url.hpp"

#include <charconv>

namespace tollgate::redis_driver {
namespace {

constexpr std::string_view kScheme = "redis://";
constexpr int kPortMax = 65'535;
constexpr int kDatabaseMax = 65'535;

bool read_number(std::string_view text, int least, int most, int& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number >= least &&
         number <= most;
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool percent_decode(std::string_view text, std::string& decoded) {
  decoded.clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return false;
    const int high = hex(text[i + 1]);
    const int low = hex(text[i + 2]);
    if (high < 0 || low < 0) return false;
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return true;
}

bool read_credentials(std::string_view text, Url& url) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  return percent_decode(text.substr(0, colon), url.user) &&
         percent_decode(text.substr(colon + 1), url.password);
}

bool read_address(std::string_view text, Url& url) {
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return false;
    host = text.substr(1, close - 1);
    std::string_view rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') return false;
    if (!rest.empty()) port = rest.substr(1);
    if (!rest.empty() && port.empty()) return false;
  } else if (const size_t colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (port.empty()) return false;
  }
  url.host = host;
  return !host.empty() && (port.empty() || read_number(port, 1, kPortMax, url.port));
}

}  // namespace

bool parse_url(std::string_view text, Url& url, std::string& reason) {
  reason = "the URL must be redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]";
  if (text.starts_with("rediss://")) {
    reason = "this version speaks no TLS to Redis: use redis:// on a private network or a tunnel";
    return false;
  }
  if (!text.starts_with(kScheme)) return false;
  text.remove_prefix(kScheme.size());
  if (const size_t slash = text.find('/'); slash != std::string_view::npos) {
    const std::string_view database = text.substr(slash + 1);
    if (!database.empty() && !read_number(database, 0, kDatabaseMax, url.database)) return false;
    text = text.substr(0, slash);
  }
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) {
    if (!read_credentials(text.substr(0, at), url)) return false;
    text.remove_prefix(at + 1);
  }
  return read_address(text, url);
}

}  // namespace tollgate::redis_driver
