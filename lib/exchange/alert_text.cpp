#include "exchange/alert_text.hpp"

#include "base/time.hpp"
#include "exchange/limit_messages.hpp"
#include "json/writer.hpp"

namespace tollgate::exchange {
namespace {

constexpr int32_t kAll = 100;  ///< Percent.

std::string amount_text(const Passed& passed, int64_t amount) {
  return passed.limit.measure == Measure::kMoney ? usd(amount) : std::to_string(amount);
}

void write_time(json::Writer& out, std::string_view name, int64_t wall_ms) {
  out.key(name);
  const bool open = wall_ms == INT64_MIN || wall_ms == INT64_MAX;
  open ? out.null() : out.string(format_rfc3339(wall_ms));
}

/// What every program can read: amounts are exact, times UTC.
void write_facts(json::Writer& out, const Passed& passed) {
  const bool money = passed.limit.measure == Measure::kMoney;
  const auto amount = [&](std::string_view name, int64_t value) {
    money ? out.raw_member(name, exact_usd(value)) : out.member(name, value);
  };
  out.member("event", "budget_alert").member("budget", passed.rule.id).key("subject");
  passed.entity.empty() ? out.null() : out.string(passed.entity);
  out.member("limit_name", policy::limit_name(passed.limit))
      .member("window", period_name(passed.limit.period))
      .member("mode", mode_name(passed.rule.mode))
      .member("unit", money ? "USD" : "tokens")
      .member("threshold", int64_t{passed.threshold});
  amount("spent", passed.spent);
  amount("limit", passed.charge.limit);
  write_time(out, "starts_at", passed.charge.window.start_ms);
  write_time(out, "resets_at", passed.charge.window.end_ms);
}

void write_pager_event(json::Writer& out, const policy::Notification& receiver,
                       const Passed& passed) {
  out.begin_object().member("routing_key", receiver.routing_key.reveal());
  out.member("event_action", "trigger");
  out.member("dedup_key", "tollgate/" + passed.rule.id + "/" + std::string(passed.entity) + "/" +
                              policy::limit_name(passed.limit) + "/" +
                              std::to_string(passed.charge.window.start_ms) + "/" +
                              std::to_string(passed.threshold));
  out.key("payload").begin_object().member("summary", alert_sentence(passed));
  out.member("source", "tollgate");
  out.member("severity", passed.threshold >= kAll ? "critical" : "warning");
  out.key("custom_details").begin_object();
  write_facts(out, passed);
  out.end_object().end_object().end_object();
}

}  // namespace

std::string alert_sentence(const Passed& passed) {
  std::string text = "Budget " + passed.rule.id;
  if (!passed.entity.empty()) text += " (" + std::string(passed.entity) + ")";
  text += " has passed " + std::to_string(passed.threshold) +
          " %: " + amount_text(passed, passed.spent) + " of " +
          amount_text(passed, passed.charge.limit);
  text += passed.limit.measure == Measure::kMoney ? " spent, " : " tokens used, ";
  return text + reset_text(passed.charge, passed.rule) + ".";
}

std::string alert_body(const policy::Notification& receiver, const Passed& passed) {
  std::string body;
  json::Writer out(body);
  switch (receiver.kind) {
    case policy::NotificationKind::kSlackWebhook:
    case policy::NotificationKind::kMsTeams:
      out.begin_object().member("text", alert_sentence(passed)).end_object();
      return body;
    case policy::NotificationKind::kSlackBot:
      out.begin_object();
      if (!receiver.to.empty()) out.member("channel", receiver.to);
      out.member("text", alert_sentence(passed)).end_object();
      return body;
    case policy::NotificationKind::kPagerDuty:
      write_pager_event(out, receiver, passed);
      return body;
    case policy::NotificationKind::kEmail:
    case policy::NotificationKind::kWebhook:
      break;
  }
  out.begin_object();
  write_facts(out, passed);
  out.member("text", alert_sentence(passed));
  if (!receiver.emails.empty()) {
    out.key("to_emails").begin_array();
    for (const std::string& email : receiver.emails)
      out.string(email);
    out.end_array();
  }
  out.end_object();
  return body;
}

}  // namespace tollgate::exchange
