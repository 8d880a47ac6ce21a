#include <algorithm>

#include "base/limits.hpp"
#include "fuzz/check.hpp"
#include "wire/headers.hpp"
#include "wire/url.hpp"

// Lines "name: value" go through Headers: what is taken can break no line and stays in bounds. The
// whole text goes through the URL parsers: their parts lie in the text and hold nothing they
// refuse.

namespace {

using tollgate::fuzz::check;

bool inside(std::string_view part, std::string_view text) {
  return part.empty() ||
         (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size());
}

void check_headers(std::string_view text) {
  tollgate::wire::Headers headers;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t colon = std::min(line.find(':'), line.size());
    const std::string_view name = line.substr(0, colon);
    const size_t before = headers.size();
    const bool taken = headers.add(name, line.substr(std::min(colon + 1, line.size()))).ok();
    check(headers.size() == before + (taken ? 1 : 0));
    if (!taken) continue;
    check(headers.has(name));
    check(headers.count(name) >= 1);
    check(headers.joined(name).size() >= headers.get(name)->size());
  }
  check(headers.size() <= tollgate::limits::kHeaderPairsMax);
  size_t bytes = 0;
  for (size_t i = 0; i < headers.size(); ++i) {
    const auto header = headers.at(i);
    bytes += header.name.size() + header.value.size();
    check(header.name.find_first_of(std::string_view("\r\n\0: ", 5)) == std::string_view::npos);
    check(header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  }
  check(bytes <= tollgate::limits::kHeadBytesMax);
}

void check_urls(std::string_view text) {
  constexpr std::string_view kNever("\r\n\0 #", 5);
  const auto target = tollgate::wire::parse_target(text);
  if (target.ok()) {
    check(target.value().path.starts_with('/'));
    check(target.value().path.find_first_of(kNever) == std::string_view::npos);
    check(target.value().path.find('?') == std::string_view::npos);
    check(target.value().query.find_first_of(kNever) == std::string_view::npos);
    check(inside(target.value().query, text));
  }
  const auto url = tollgate::wire::parse_base_url(text);
  if (url.ok()) {
    const auto& parts = url.value();
    check(!parts.host.empty());
    check(inside(parts.host, parts.authority));
    check(inside(parts.authority, text));
    check(parts.authority.find_first_of("@\\/") == std::string_view::npos);
    check(parts.path.find_first_of(kNever) == std::string_view::npos);
    check(parts.scheme.size() + 3 + parts.authority.size() + parts.path.size() == text.size());
    const std::string joined = tollgate::wire::join_url(text, "/v1/messages");
    check(tollgate::wire::parse_base_url(joined).ok());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = tollgate::fuzz::text_of(data, size);
  check_headers(text);
  check_urls(text);
  return 0;
}
