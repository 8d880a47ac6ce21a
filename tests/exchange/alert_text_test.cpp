#include "exchange/alert_text.hpp"

#include "json/reader.hpp"
#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

constexpr int64_t kNow = 1'795'338'000'000;  // 2026-11-22T09:00:00Z

struct Case {
  policy::Rule rule;
  ledger::Charge charge;
  std::string entity = "ann@corp.example";
  Passed passed() const {
    return {rule, entity, {charge.measure, charge.period, charge.limit}, charge, 7'510'000'000, 75};
  }
};

Case daily() {
  Case made;
  made.rule.id = "dev-daily";
  made.charge.period = Period::kDay;
  made.charge.window = window_at(Period::kDay, kNow, Zone());
  made.charge.limit = 10'000'000'000;
  return made;
}

TEST_CASE("a sentence names budget, subject, amounts and the reset") {
  CHECK(alert_sentence(daily().passed()) ==
        "Budget dev-daily (ann@corp.example) has passed 75 %: $7.51 of $10.00 spent, resets "
        "2026-11-23.");
  Case all = daily();
  all.entity.clear();
  all.charge.measure = Measure::kTokens;
  all.charge.window = {};
  CHECK(alert_sentence(all.passed()) ==
        "Budget dev-daily has passed 75 %: 7510000000 of 10000000000 tokens used, never resets.");
}

TEST_CASE("a webhook is told all of it as JSON") {
  const Case one = daily();
  policy::Notification receiver;
  const std::string body = alert_body(receiver, one.passed());
  CHECK(body ==
        R"({"event":"budget_alert","budget":"dev-daily","subject":"ann@corp.example",)"
        R"("limit_name":"cost_per_day","window":"day","mode":"enforce","unit":"USD",)"
        R"("threshold":75,"spent":7.510000000,"limit":10.000000000,)"
        R"("starts_at":"2026-11-22T00:00:00.000Z","resets_at":"2026-11-23T00:00:00.000Z",)"
        R"("text":"Budget dev-daily (ann@corp.example) has passed 75 %: $7.51 of $10.00 spent, )"
        R"(resets 2026-11-23."})");

  receiver.kind = policy::NotificationKind::kEmail;
  receiver.emails = {"finops@corp.example"};
  CHECK(alert_body(receiver, one.passed()).find(R"("to_emails":["finops@corp.example"])") !=
        std::string::npos);
}

TEST_CASE("chats are told a text, a bot also where") {
  const Case one = daily();
  const std::string text = R"("text":")" + alert_sentence(one.passed()) + "\"}";
  policy::Notification receiver;
  for (const auto kind :
       {policy::NotificationKind::kSlackWebhook, policy::NotificationKind::kMsTeams}) {
    receiver.kind = kind;
    CHECK(alert_body(receiver, one.passed()) == "{" + text);
  }
  receiver.kind = policy::NotificationKind::kSlackBot;
  receiver.to = "#llm-spend";
  CHECK(alert_body(receiver, one.passed()) == R"({"channel":"#llm-spend",)" + text);
}

TEST_CASE("a pager has its own form, one event for each threshold") {
  const Case one = daily();
  policy::Notification receiver;
  receiver.kind = policy::NotificationKind::kPagerDuty;
  receiver.routing_key = Secret("routing-1");
  json::Document document;
  const std::string body = alert_body(receiver, one.passed());
  const json::Value event = document.parse(body).value();
  CHECK(event["routing_key"].string_or("") == "routing-1");
  CHECK(event["event_action"].string_or("") == "trigger");
  CHECK(event["payload"]["severity"].string_or("") == "warning");
  CHECK(event["payload"]["summary"].string_or("") == alert_sentence(one.passed()));
  CHECK(event["payload"]["custom_details"]["budget"].string_or("") == "dev-daily");
  Passed gone = one.passed();
  gone.threshold = 100;
  CHECK(alert_body(receiver, gone).find("critical") != std::string::npos);
}

}  // namespace
}  // namespace tollgate::exchange
