#include "base/base64.hpp"

#include <array>
#include <cstdint>

#include <openssl/evp.h>

namespace tollgate {
namespace {

void replace_all(std::string& text, char from, char to) {
  for (char& c : text) {
    if (c == from) c = to;
  }
}

// EVP's block coders take an int, and write whole blocks; pieces keep both small.
constexpr size_t kPieceBytes = 3 * 1024;

bool is_standard(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

/// EVP_DecodeBlock trims white space and knows no misplaced padding: what it would let through is
/// looked for here. Gives the number of padding characters.
std::optional<size_t> padding_of(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
    ++padding;
  for (size_t i = 0; i + padding < text.size(); ++i) {
    if (!is_standard(text[i])) return std::nullopt;
  }
  return padding;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::array<unsigned char, kPieceBytes / 3 * 4 + 1> piece{};
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, kPieceBytes);
    const int size =
        EVP_EncodeBlock(piece.data(), reinterpret_cast<const unsigned char*>(part.data()),
                        static_cast<int>(part.size()));
    out.append(reinterpret_cast<const char*>(piece.data()), static_cast<size_t>(size));
    bytes.remove_prefix(part.size());
  }
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  const std::optional<size_t> padding = padding_of(text);
  if (!padding) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  std::array<unsigned char, kPieceBytes> piece{};
  while (!text.empty()) {
    const std::string_view part = text.substr(0, kPieceBytes / 3 * 4);
    const int size =
        EVP_DecodeBlock(piece.data(), reinterpret_cast<const unsigned char*>(part.data()),
                        static_cast<int>(part.size()));
    if (size < 0) return std::nullopt;
    out.append(reinterpret_cast<const char*>(piece.data()), static_cast<size_t>(size));
    text.remove_prefix(part.size());
  }
  out.resize(out.size() - *padding);
  return out;
}

std::string base64url_encode(std::string_view bytes) {
  std::string out = base64_encode(bytes);
  while (out.ends_with('='))
    out.pop_back();
  replace_all(out, '+', '-');
  replace_all(out, '/', '_');
  return out;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string standard(text);
  replace_all(standard, '-', '+');
  replace_all(standard, '_', '/');
  standard.append((4 - standard.size() % 4) % 4, '=');
  return base64_decode(standard);
}

}  // namespace tollgate
