#include "exchange/retry_wish.hpp"

#include <charconv>
#include <optional>
#include <string>

#include "json/reader.hpp"

namespace tollgate::exchange {
namespace {

constexpr int64_t kAttemptsMost = 10;
constexpr int64_t kDelayMsMost = 60'000;

/// A code as a number or, as configurations have it, as a text.
std::optional<int64_t> code_of(json::Value value) {
  if (const auto number = value.integer()) return number;
  const std::string_view text = value.string_or("");
  int64_t code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return code;
}

bool read_codes(json::Value list, router::StatusCodes& codes) {
  if (!list.is_array()) return false;
  codes = {};
  for (const json::Value item : list.elements()) {
    const std::optional<int64_t> code = code_of(item);
    if (!code || *code < router::StatusCodes::kLeast || *code > router::StatusCodes::kMost) {
      return false;
    }
    codes.add(static_cast<uint32_t>(*code));
  }
  return true;
}

bool read_number(json::Value value, int64_t most, uint64_t unit, uint64_t& out) {
  const std::optional<int64_t> number = value.integer();
  if (!number || *number < 0 || *number > most) return false;
  out = static_cast<uint64_t>(*number) * unit;
  return true;
}

bool read_member(json::Member member, router::Retry& retry) {
  if (member.key == "attempts") {
    uint64_t attempts = 0;
    if (!read_number(member.value, kAttemptsMost, 1, attempts)) return false;
    retry.attempts = static_cast<uint32_t>(attempts);
    return true;
  }
  if (member.key == "delay") {
    return read_number(member.value, kDelayMsMost, kMillisecond, retry.delay_ns);
  }
  if (member.key == "onStatusCodes" || member.key == "on_status_codes") {
    return read_codes(member.value, retry.on);
  }
  return false;
}

}  // namespace

Status apply_retry_wish(const wire::Headers& headers, DocumentPool& documents,
                        router::Retry& retry) {
  for (const std::string_view name : {"x-tollgate-retry-config", "x-tfy-retry-config"}) {
    const std::optional<std::string_view> text = headers.get(name);
    if (!text) continue;
    const DocumentPool::Loan document = documents.borrow();
    const Result<json::Value> parsed = (*document).parse(*text);
    bool good = parsed.ok() && parsed.value().is_object();
    if (good) {
      for (const json::Member member : parsed.value().members())
        good = good && read_member(member, retry);
    }
    if (good) return Status();
    return invalid("The header " + std::string(name) +
                   " must be an object such as {\"attempts\": 3, \"delay\": 100, "
                   "\"onStatusCodes\": [429, 500]}, with 0 to 10 attempts.");
  }
  return Status();
}

}  // namespace tollgate::exchange
