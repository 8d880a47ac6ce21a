#include "dialects/carriage.hpp"

#include <cstdint>

#include "base/base64.hpp"
#include "base/limits.hpp"
#include "base/rng.hpp"
#include "json/walk.hpp"
#include "json/writer.hpp"

namespace tollgate::dialects {
namespace {

/// Against damage, not against forgery: the upstream itself checks what is encrypted.
class Checksum {
 public:
  void add(std::string_view text) {
    mix(text.size());
    while (!text.empty()) {
      uint64_t word = 0;
      const size_t size = text.size() < 8 ? text.size() : 8;
      for (size_t i = 0; i < size; ++i)
        word |= uint64_t{static_cast<uint8_t>(text[i])} << (8 * i);
      mix(word);
      text.remove_prefix(size);
    }
  }
  std::string hex() const {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4)
      text += kDigits[(sum_ >> shift) & 0xF];
    return text;
  }

 private:
  void mix(uint64_t word) { sum_ = mix64(sum_ ^ word); }
  uint64_t sum_ = 0;
};

std::string checksum(const Carriage& carriage) {
  Checksum sum;
  for (const std::string_view part :
       {std::string_view(carriage.target), std::string_view(carriage.credential_tag),
        std::string_view(carriage.kind), std::string_view(carriage.payload)}) {
    sum.add(part);
  }
  return sum.hex();
}

bool take_string(const json::MemberWalk& member, std::string_view key, std::string& to) {
  if (member.key() != key || !member.value().is_string()) return false;
  to = member.value().string_or("");
  return true;
}

}  // namespace

bool is_carriage(std::string_view field) {
  return field.starts_with(kCarriagePrefix);
}

std::string seal_carriage(const Carriage& carriage) {
  std::string text;
  text.reserve(carriage.payload.size() + carriage.target.size() + 80);
  json::Writer writer(text);
  writer.begin_object();
  writer.member("u", carriage.target).member("k", carriage.credential_tag);
  writer.member("t", carriage.kind);
  writer.key("p").begin_object().raw_members(carriage.payload).end_object();
  writer.member("h", checksum(carriage)).end_object();
  std::string sealed = std::string(kCarriagePrefix) + base64url_encode(text);
  // One that could never be opened again would only burden the conversation.
  return sealed.size() > limits::kCarriageBytesMax ? std::string() : sealed;
}

std::optional<Carriage> open_carriage(std::string_view field) {
  if (!is_carriage(field) || field.size() > limits::kCarriageBytesMax) return std::nullopt;
  const std::optional<std::string> text = base64url_decode(field.substr(kCarriagePrefix.size()));
  if (!text) return std::nullopt;
  json::Document document;
  const Result<json::Value> parsed = document.parse(*text);
  if (!parsed.ok() || !parsed.value().is_object()) return std::nullopt;
  Carriage carriage;
  std::string sum;
  for (json::MemberWalk walk(parsed.value(), *text); walk.next();) {
    if (take_string(walk, "u", carriage.target) ||
        take_string(walk, "k", carriage.credential_tag) || take_string(walk, "t", carriage.kind) ||
        take_string(walk, "h", sum)) {
      continue;
    }
    if (walk.key() != "p" || !walk.value().is_object()) return std::nullopt;
    carriage.payload = walk.text().substr(1, walk.text().size() - 2);
  }
  if (sum != checksum(carriage)) return std::nullopt;
  return carriage;
}

}  // namespace tollgate::dialects
