#include "exchange/header_override.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/ascii.hpp"

namespace tollgate::exchange {
namespace {

constexpr std::string_view kBetas = "anthropic-beta";

bool is_removed(const router::HeadersOverride& changes, std::string_view name) {
  return std::any_of(changes.remove.begin(), changes.remove.end(), [&](const std::string& removed) {
    return ascii::equals_ignore_case(removed, name);
  });
}

bool is_replaced(const router::HeadersOverride& changes, std::string_view name) {
  return std::any_of(changes.set.begin(), changes.set.end(),
                     [&](const auto& pair) { return ascii::equals_ignore_case(pair.first, name); });
}

bool is_listed(std::string_view list, std::string_view entry) {
  while (!list.empty()) {
    const size_t comma = list.find(',');
    if (ascii::trim(list.substr(0, comma)) == entry) return true;
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return false;
}

void add_betas(std::string& list, std::string_view more) {
  while (!more.empty()) {
    const size_t comma = more.find(',');
    const std::string_view beta = ascii::trim(more.substr(0, comma));
    more = comma == std::string_view::npos ? std::string_view() : more.substr(comma + 1);
    if (beta.empty() || is_listed(list, beta)) continue;
    if (!list.empty()) list += ',';
    list += beta;
  }
}

}  // namespace

Status apply_headers_override(const router::HeadersOverride& changes, wire::Headers& headers) {
  if (changes.set.empty() && changes.remove.empty()) return Status();
  std::string betas;
  if (!is_removed(changes, kBetas)) betas = headers.joined(kBetas);
  wire::Headers changed;
  for (size_t i = 0; i < headers.size(); ++i) {
    const wire::Header header = headers.at(i);
    if (is_removed(changes, header.name) || is_replaced(changes, header.name)) continue;
    if (ascii::equals_ignore_case(header.name, kBetas)) continue;
    if (Status status = changed.add(header.name, header.value); !status.ok()) return status;
  }
  for (const auto& [name, value] : changes.set) {
    if (ascii::equals_ignore_case(name, kBetas)) {
      add_betas(betas, value);
    } else if (Status status = changed.add(name, value); !status.ok()) {
      return status;
    }
  }
  if (!betas.empty()) {
    if (Status status = changed.add(kBetas, betas); !status.ok()) return status;
  }
  headers = std::move(changed);
  return Status();
}

}  // namespace tollgate::exchange
