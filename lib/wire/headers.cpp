#include "wire/headers.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.hpp"
#include "base/limits.hpp"

namespace tollgate::wire {
namespace {

constexpr std::array<bool, 256> kTokenChars = [] {
  std::array<bool, 256> chars{};
  for (int c = 0; c < 128; ++c)
    chars[static_cast<size_t>(c)] =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    chars[static_cast<uint8_t>(c)] = true;
  return chars;
}();

bool is_token_char(char c) {
  return kTokenChars[static_cast<uint8_t>(c)];
}

bool is_safe_char(char c) {
  const auto byte = static_cast<uint8_t>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
}

Status too_many_bytes() {
  return Status(Code::kLimit,
                "header fields of more than " + std::to_string(limits::kHeadBytesMax) + " bytes");
}

}  // namespace

bool is_token(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token_char);
}

bool is_safe_value(std::string_view value) {
  // Without an end before the last byte, so that many bytes are looked at in one step.
  unsigned unsafe = 0;
  for (const char c : value)
    unsafe |= static_cast<unsigned>(!is_safe_char(c));
  return unsafe == 0;
}

Status Headers::add(std::string_view name, std::string_view value) {
  // Before they are read: a length that nobody could send is the caller's slip.
  if (std::max(name.size(), value.size()) > limits::kHeadBytesMax) return too_many_bytes();
  if (!is_token(name)) return invalid("a header name is not a token");
  if (!is_safe_value(value)) return invalid("a header value holds a control character");
  return add_checked(name, ascii::trim(value));
}

Status Headers::add_checked(std::string_view name, std::string_view value) {
  if (entries_.size() >= limits::kHeaderPairsMax) {
    return Status(Code::kLimit,
                  "more than " + std::to_string(limits::kHeaderPairsMax) + " header fields");
  }
  if (name.size() + value.size() > limits::kHeadBytesMax - bytes_.size()) {
    return too_many_bytes();
  }
  const auto name_at = static_cast<uint32_t>(bytes_.size());
  const auto name_size = static_cast<uint32_t>(name.size());
  if (bytes_.size() + name.size() + value.size() > bytes_.capacity()) {
    // Name and value may be views of this very block: the old one goes after they were copied.
    std::string grown;
    grown.reserve(2 * (bytes_.size() + name.size() + value.size()));
    grown.append(bytes_).append(name).append(value);
    bytes_.swap(grown);
  } else {
    bytes_.append(name).append(value);
  }
  entries_.push_back(
      Entry{name_at, name_size, name_at + name_size, static_cast<uint32_t>(value.size())});
  return Status();
}

Header Headers::at(size_t index) const {
  const Entry& entry = entries_[index];
  const std::string_view bytes = bytes_;
  return Header{bytes.substr(entry.name_at, entry.name_size),
                bytes.substr(entry.value_at, entry.value_size)};
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (entry.name_size != name.size()) continue;
    const char* const bytes = bytes_.data();
    if (!ascii::equals_ignore_case({bytes + entry.name_at, entry.name_size}, name)) continue;
    return std::string_view(bytes + entry.value_at, entry.value_size);
  }
  return std::nullopt;
}

std::string Headers::joined(std::string_view name) const {
  std::string out;
  bool first = true;
  for (size_t i = 0; i < size(); ++i) {
    const Header header = at(i);
    if (!ascii::equals_ignore_case(header.name, name)) continue;
    if (!first) out += ", ";
    out += header.value;
    first = false;
  }
  return out;
}

size_t Headers::count(std::string_view name) const {
  size_t found = 0;
  for (size_t i = 0; i < size(); ++i) {
    if (ascii::equals_ignore_case(at(i).name, name)) ++found;
  }
  return found;
}

void Headers::reserve(size_t fields, size_t bytes) {
  entries_.reserve(std::min(fields, limits::kHeaderPairsMax));
  bytes_.reserve(std::min(bytes, limits::kHeadBytesMax));
}

void Headers::clear() {
  bytes_.clear();
  entries_.clear();
}

}  // namespace tollgate::wire
