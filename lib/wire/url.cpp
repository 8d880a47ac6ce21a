#include "wire/url.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/ascii.hpp"

namespace tollgate::wire {
namespace {

bool is_visible(char c) {
  return static_cast<uint8_t>(c) > 0x20 && c != 0x7F;
}

bool is_letter_or_digit(char c) {
  const char lower = ascii::lower(c);
  return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z');
}

bool is_name_char(char c) {
  return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_';
}

bool is_ipv6_char(char c) {
  const char lower = ascii::lower(c);
  return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'f') || c == ':' || c == '.';
}

/// Bytes of "http://" or "https://" at the beginning; 0 when there is neither.
size_t scheme_size(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (ascii::starts_with_ignore_case(url, scheme)) return scheme.size();
  }
  return 0;
}

/// Cuts an authority into host and port and checks both; false when it is none we connect to.
bool cut_authority(std::string_view authority, std::string_view& host) {
  std::string_view behind;
  if (authority.starts_with('[')) {
    const size_t end = authority.find(']');
    if (end == std::string_view::npos) return false;
    host = authority.substr(1, end - 1);
    behind = authority.substr(end + 1);
    if (host.size() < 2 || !std::all_of(host.begin(), host.end(), is_ipv6_char)) return false;
    if (host.find(':') == std::string_view::npos) return false;
  } else {
    const size_t colon = std::min(authority.find(':'), authority.size());
    host = authority.substr(0, colon);
    behind = authority.substr(colon);
    if (host.empty() || !std::all_of(host.begin(), host.end(), is_name_char)) return false;
  }
  if (behind.empty()) return true;
  if (behind.front() != ':') return false;
  behind.remove_prefix(1);
  uint16_t port = 0;
  const char* const end = behind.data() + behind.size();
  const auto read = std::from_chars(behind.data(), end, port);
  return read.ec == std::errc{} && read.ptr == end && port != 0;
}

}  // namespace

Result<Target> parse_target(std::string_view target) {
  if (!std::all_of(target.begin(), target.end(), is_visible)) {
    return invalid("the request target holds a space or a control character");
  }
  if (target.find('#') != std::string_view::npos) {
    return invalid("the request target has a fragment");
  }
  const size_t scheme = scheme_size(target);
  const size_t query_at = std::min(target.find('?'), target.size());
  Target parts;
  if (query_at < target.size()) parts.query = target.substr(query_at + 1);
  std::string_view path = target.substr(0, query_at);
  if (scheme > 0) {
    if (query_at <= scheme) return invalid("the request target has no host");
    const size_t path_at = std::min(path.find('/', scheme), path.size());
    if (path_at == scheme) return invalid("the request target has no host");
    path.remove_prefix(path_at);
    if (path.empty()) path = "/";
  }
  if (!path.starts_with('/')) return invalid("the request target is neither a path nor a URL");
  parts.path = path;
  return parts;
}

Result<UrlParts> parse_base_url(std::string_view url) {
  const size_t scheme = scheme_size(url);
  if (scheme == 0) return invalid("a base URL begins with http:// or https://");
  if (!std::all_of(url.begin(), url.end(), is_visible)) {
    return invalid("a base URL must not hold spaces or control characters");
  }
  if (url.find_first_of("?#") != std::string_view::npos) {
    return invalid("a base URL must not have a query or a fragment");
  }
  UrlParts parts;
  parts.scheme = url.substr(0, scheme - 3);
  const size_t path_at = std::min(url.find('/', scheme), url.size());
  parts.authority = url.substr(scheme, path_at - scheme);
  parts.path = url.substr(path_at);
  if (parts.authority.find('@') != std::string_view::npos) {
    return invalid("a base URL must not hold user information");
  }
  if (parts.path.find('\\') != std::string_view::npos) {
    return invalid("a base URL must not hold a backslash");
  }
  if (!cut_authority(parts.authority, parts.host)) {
    return invalid("a base URL needs a host, and a port from 1 to 65535 if any");
  }
  return parts;
}

void append_percent_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_name_char(c) || c == '~') {
      out += c;
      continue;
    }
    const auto byte = static_cast<uint8_t>(c);
    out.append(1, '%').append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15U]);
  }
}

std::string join_url(std::string_view base, std::string_view path) {
  while (base.ends_with('/'))
    base.remove_suffix(1);
  while (path.starts_with('/'))
    path.remove_prefix(1);
  std::string out;
  out.reserve(base.size() + 1 + path.size());
  out.append(base).append(1, '/').append(path);
  return out;
}

}  // namespace tollgate::wire
