#include "ledger/journal_text.hpp"

#include <array>
#include <charconv>

#include "json/writer.hpp"

namespace tollgate::ledger {
namespace {

constexpr std::array<std::string_view, 4> kMeasures = {"money", "tokens", "requests", "slots"};
constexpr size_t kPeriods = static_cast<size_t>(Period::kLifetime) + 1;

void write_counter(json::Writer& out, const Scope& scope, const Window& window) {
  out.member("rule", scope.rule);
  out.member("entity", scope.entity);
  out.member("measure", measure_name(scope.measure));
  out.member("period", period_name(scope.period));
  if (slides(scope.measure, scope.period)) {
    out.member("slides_ms", static_cast<int64_t>(sliding_ns(scope.period) / kMillisecond));
    return;
  }
  if (scope.measure == Measure::kSlots) return;
  if (window.start_ms != INT64_MIN) out.member("start", window.start_ms);
  if (window.end_ms != INT64_MAX) out.member("end", window.end_ms);
}

void write_entry(json::Writer& out, const Entry& entry) {
  out.begin_object();
  out.member("kind", entry_kind_name(entry.kind));
  // As text: a reader whose numbers are doubles would round it.
  if (entry.reservation != 0) out.member("reservation", std::to_string(entry.reservation));
  write_counter(out, *entry.scope, entry.window);
  out.member("wall_ms", entry.wall_ms);
  out.member("amount", entry.amount);
  if (entry.overrun != 0) out.member("overrun", entry.overrun);
  if (entry.limit != kUnlimited) out.member("limit", entry.limit);
  if (!entry.note.empty()) out.member("note", entry.note);
  out.end_object();
}

template <typename Value>
bool is_one_of(std::string_view name, size_t count, std::string_view (*name_of)(Value),
               Value& found) {
  for (size_t i = 0; i < count; ++i) {
    found = static_cast<Value>(i);
    if (name_of(found) == name) return true;
  }
  return false;
}

bool read_counter(json::Value value, Outside& counter) {
  counter.rule = value["rule"].string_or("");
  counter.entity = value["entity"].string_or("");
  counter.window.start_ms = value["start"].integer().value_or(INT64_MIN);
  counter.window.end_ms = value["end"].integer().value_or(INT64_MAX);
  counter.spent = value["spent"].integer().value_or(-1);
  counter.reserved = value["reserved"].integer().value_or(-1);
  const int64_t room_ms = value["room_ms"].integer().value_or(0);
  counter.room_in_ns = room_ms <= 0 ? 0 : static_cast<uint64_t>(room_ms) * kMillisecond;
  const bool known =
      !counter.rule.empty() && counter.spent >= 0 && counter.reserved >= 0 &&
      is_one_of(value["measure"].string_or(""), kMeasures.size(), measure_name, counter.measure) &&
      is_one_of(value["period"].string_or(""), kPeriods, period_name, counter.period);
  const bool calendar =
      counter.measure != Measure::kSlots && !slides(counter.measure, counter.period);
  if (!calendar || counter.period == Period::kLifetime) counter.window = {};
  return known;
}

}  // namespace

std::string_view measure_name(Measure measure) {
  return kMeasures[static_cast<size_t>(measure)];
}

std::string batch_text(const BatchHead& head, const Batch& batch) {
  std::string text;
  json::Writer out(text);
  out.begin_object();
  out.member("instance", head.instance);
  out.member("batch", static_cast<int64_t>(head.number));
  out.member("wall_ms", head.wall_ms);
  if (head.wants_counters) out.member("counters", true);
  out.key("entries").begin_array();
  for (const Entry& entry : batch.entries)
    write_entry(out, entry);
  out.end_array();
  out.end_object();
  return text;
}

Result<StoreReply> read_reply(json::Document& document, std::string_view text, uint64_t number) {
  const Result<json::Value> parsed = document.parse(text);
  if (!parsed.ok()) return parsed.status();
  const json::Value root = parsed.value();
  if (root["batch"].integer() != static_cast<int64_t>(number)) {
    return invalid("the store answered another batch");
  }
  StoreReply reply;
  for (const json::Value one : root["refused"].elements()) {
    const std::string_view id = one.string_or("");
    uint64_t reservation = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), reservation);
    if (error != std::errc{} || end != id.data() + id.size()) {
      return invalid("the store refused what is no reservation");
    }
    reply.refused.push_back(reservation);
  }
  for (const json::Value one : root["counters"].elements()) {
    Outside counter;
    if (!read_counter(one, counter)) return invalid("the store told a counter that cannot be");
    reply.counters.push_back(counter);
  }
  return reply;
}

}  // namespace tollgate::ledger
