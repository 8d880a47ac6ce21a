#include "config/references.hpp"

#include <algorithm>
#include <utility>

namespace tollgate::config {
namespace {

constexpr size_t kValueBytesMax = 1024 * 1024;
constexpr std::string_view kOpen = "${";

bool is_name_char(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/// Keys and tokens travel in headers: a line break in one would start another header.
bool fits_a_header(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= ' ' && byte != 0x7f;
  });
}

bool look_up(const Lookup& lookup, ReferenceKind kind, std::string_view name, std::string& value) {
  return lookup && lookup(kind, name, value);
}

std::optional<Secret> checked_secret(std::string value, SecretForm form, const Place& place,
                                     Report& report) {
  Secret secret(std::move(value));
  if (secret.empty()) {
    report.error(place, "is empty");
    return std::nullopt;
  }
  if (form == SecretForm::kHeader && !fits_a_header(secret.reveal())) {
    report.error(place, "holds a line break or another control character");
    return std::nullopt;
  }
  return secret;
}

}  // namespace

bool is_variable_name(std::string_view name) {
  return !name.empty() && name.size() <= 256 && !(name.front() >= '0' && name.front() <= '9') &&
         std::all_of(name.begin(), name.end(), is_name_char);
}

std::optional<std::string> replace_references(std::string_view raw, const Place& place,
                                              const Lookup& lookup, Report& report) {
  std::string out;
  bool sound = true;
  size_t from = 0;
  while (from < raw.size()) {
    const size_t open = raw.find(kOpen, from);
    if (open == std::string_view::npos) break;
    if (open > from && raw[open - 1] == '$') {
      out.append(raw.substr(from, open - 1 - from)).append(kOpen);
      from = open + kOpen.size();
      continue;
    }
    out.append(raw.substr(from, open - from));
    const size_t close = raw.find('}', open);
    const std::string_view name = close == std::string_view::npos
                                      ? std::string_view{}
                                      : raw.substr(open + 2, close - open - 2);
    if (!is_variable_name(name)) {
      report.error(place,
                   "${ must begin ${NAME}, a variable of letters, digits and _ ; write $${ "
                   "for the two characters themselves");
      return std::nullopt;
    }
    std::string value;
    if (!look_up(lookup, ReferenceKind::kEnvironment, name, value)) {
      report.error(place, "the environment variable " + shown(name) + " is not set");
      sound = false;
    }
    out += value;
    from = close + 1;
    if (out.size() > kValueBytesMax) {
      report.error(place, "is longer than 1 MiB with its references replaced");
      return std::nullopt;
    }
  }
  if (from < raw.size()) out.append(raw.substr(from));
  if (!sound) return std::nullopt;
  return out;
}

std::optional<Secret> replace_secret_references(std::string_view raw, const Place& place,
                                                const Lookup& lookup, Report& report,
                                                SecretForm form) {
  constexpr std::string_view kFile = "file:";
  if (raw.starts_with("tfy-secret://")) {
    report.error(place, "tfy-secret:// references are not read: use \"${NAME}\" or file:PATH");
    return std::nullopt;
  }
  if (!raw.starts_with(kFile)) {
    std::optional<std::string> value = replace_references(raw, place, lookup, report);
    if (!value) return std::nullopt;
    return checked_secret(std::move(*value), form, place, report);
  }
  const std::optional<std::string> path =
      replace_references(raw.substr(kFile.size()), place, lookup, report);
  if (!path) return std::nullopt;
  std::string value;
  if (!look_up(lookup, ReferenceKind::kFile, *path, value)) {
    report.error(place, "the file cannot be read");
    return std::nullopt;
  }
  // Editors end files with a line break; no key does.
  if (value.ends_with('\n')) value.pop_back();
  if (value.ends_with('\r')) value.pop_back();
  return checked_secret(std::move(value), form, place, report);
}

std::optional<Secret> variable(std::string_view name, const Place& place, const Lookup& lookup,
                               Report& report) {
  if (!is_variable_name(name)) {
    report.error(place, "must be the name of an environment variable: letters, digits and _");
    return std::nullopt;
  }
  std::string value;
  if (!look_up(lookup, ReferenceKind::kEnvironment, name, value)) {
    report.error(place, "the environment variable " + shown(name) + " is not set");
    return std::nullopt;
  }
  if (value.empty()) {
    report.error(place, "the environment variable " + shown(name) + " is empty");
    return std::nullopt;
  }
  return checked_secret(std::move(value), SecretForm::kHeader, place, report);
}

}  // namespace tollgate::config
