#include "left_table.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <vector>

#include "json.hpp"

namespace tollgate::server {

namespace {

constexpr size_t kLeftColumns = 8;
using Line = std::array<std::string, kLeftColumns>;

/// Columns of numbers; all others begin at the left.
constexpr bool is_number(size_t column) {
  return column >= 3 && column <= 5;
}

/// "2026-11-23 00:00Z"; a dash where there is no end.
std::string time_text(JsonValue seconds) {
  if (!seconds.is(JsonValue::Kind::kNumber)) return "-";
  const auto at = static_cast<std::time_t>(seconds.integer());
  tm utc{};
  char text[32];
  if (gmtime_r(&at, &utc) == nullptr) return "-";
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%MZ", &utc);
  return text;
}

/// A slot is taken or not: nothing of it is reserved.
std::string number_text(JsonValue value) {
  return value ? value.json() : "-";
}

void add_rules(JsonValue rules, std::string_view counters, std::vector<Line>& lines) {
  rules.each_item([&](JsonValue rule) {
    rule.member("entities").each_item([&](JsonValue entity) {
      entity.member(counters).each_member([&](std::string_view name, JsonValue counter) {
        const bool blocked = counter.member("is_blocked").boolean();
        lines.push_back(
            {std::string(rule.member("name").text()), std::string(entity.member("entity").text()),
             std::string(name), number_text(counter.member("used")),
             number_text(counter.member("reserved")), number_text(counter.member("limit")),
             blocked ? "gone" : std::string(rule.member("mode").text()),
             time_text(counter.member("end"))});
      });
    });
  });
}

}  // namespace

std::optional<std::string> left_table(std::string_view answer) {
  JsonDocument document;
  const JsonValue root = document.parse(answer);
  const JsonValue budgets = root.member("matched");
  if (!budgets.is(JsonValue::Kind::kArray)) return std::nullopt;
  std::vector<Line> lines = {
      {"name", "entity", "limit", "used", "reserved", "of", "state", "free at"}};
  add_rules(budgets, "periods", lines);
  add_rules(root.member("rate_limits"), "limits", lines);
  if (lines.size() == 1) return "No budget or rate limit applies.\n";
  std::array<size_t, kLeftColumns> widths{};
  for (const Line& line : lines) {
    for (size_t i = 0; i < kLeftColumns; ++i)
      widths[i] = std::max(widths[i], line[i].size());
  }
  std::string out;
  for (const Line& line : lines) {
    std::string shown;
    for (size_t i = 0; i < kLeftColumns; ++i) {
      const std::string gap(widths[i] - line[i].size(), ' ');
      if (i != 0) shown += "  ";
      shown += is_number(i) ? gap + line[i] : line[i] + gap;
    }
    shown.erase(shown.find_last_not_of(' ') + 1);
    out += shown + "\n";
  }
  return out;
}

}  // namespace tollgate::server
