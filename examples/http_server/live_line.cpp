#include "live_line.hpp"

#include <cstdio>

namespace tollgate::server {

namespace {

constexpr size_t kNameBytesMax = 80;

void append_clean(std::string& out, std::string_view text) {
  const std::string_view cut = text.substr(0, kNameBytesMax);
  for (const char c : cut)
    out += (c >= 0x20 && c < 0x7F) ? c : '?';
  if (cut.size() < text.size()) out += "...";
}

void append_usage(std::string& out, JsonValue usage) {
  if (!usage.is(JsonValue::Kind::kObject)) return;
  out += "  in " + std::to_string(usage.member("input_tokens").integer());
  out += " out " + std::to_string(usage.member("output_tokens").integer());
  const int64_t cache_read = usage.member("cache_read_input_tokens").integer();
  const int64_t cache_write =
      usage.member("cache_creation_5m").integer() + usage.member("cache_creation_1h").integer();
  if (cache_read > 0) out += " cache " + std::to_string(cache_read);
  if (cache_write > 0) out += " cached " + std::to_string(cache_write);
}

void append_cost(std::string& out, JsonValue cost) {
  if (!cost.is(JsonValue::Kind::kNumber)) return;
  char text[48];
  std::snprintf(text, sizeof text, "  $%.6f", static_cast<double>(cost.integer()) / 1e9);
  out += text;
}

}  // namespace

void LiveLine::append(std::string& out, std::string_view record) {
  const JsonValue top = document_.parse(record);
  if (!top.is(JsonValue::Kind::kObject)) return;
  const std::string_view time = top.member("time").text();
  // The time of day out of 2026-11-22T09:00:00.123Z.
  if (time.size() >= 19) out.append(time.substr(11, 8));
  out += "  " + std::to_string(top.member("status").integer()) + "  ";

  const std::string_view model = top.member("model").text();
  if (model.empty()) {
    append_clean(out, top.member("method").text());
    if (!top.member("method").text().empty()) out += ' ';
    append_clean(out, top.member("path").text());
  } else {
    append_clean(out, model);
  }
  const std::string_view target = top.member("target").text();
  if (!target.empty() && target != model) {
    out += " -> ";
    append_clean(out, target);
  }
  const std::string_view principal = top.member("principal").text();
  if (!principal.empty()) {
    out += "  ";
    append_clean(out, principal);
  }
  append_usage(out, top.member("usage"));
  append_cost(out, top.member("cost_nano_usd"));
  const JsonValue end = top.member("timings_us").member("end");
  if (end) out += "  " + std::to_string(end.integer() / 1000) + " ms";
  const std::string_view outcome = top.member("outcome").text();
  if (outcome != "ok") {
    out += "  ";
    append_clean(out, outcome);
    const std::string_view failure = top.member("failure").text();
    if (!failure.empty()) {
      out += ": ";
      append_clean(out, failure);
    }
  }
  out += '\n';
}

}  // namespace tollgate::server
