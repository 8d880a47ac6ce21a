#include "config/rule_support.hpp"

namespace tollgate::config {
namespace {

const std::string kBudget =
    "name: b\ntype: tenant-budget-config\nlimits: {cost_per_day: 1}\nalerts: ";

TEST_CASE("notifications have the address of the channel they name") {
  const LoadResult result = load_text(R"(
name: corp:slack:bot
type: notification-channel
url: "https://slack.example/api/chat.postMessage?x=1"
headers: {authorization: "Bearer bot"}
tls_settings: {ca_cert_file: /etc/corp.pem}
---
)" + kBudget + R"(
  thresholds: [100, 50, 50]
  notification_target:
    - {type: slack-bot, notification_channel: "corp:slack:bot", channels: ["#a", "#b"]}
    - {type: webhook, url: "http://127.0.0.1:9/hook", headers: {x-key: k}}
    - {type: email, notification_channel: nowhere, to_emails: [f@corp.example]}
)");
  CAPTURE(lines_of(result));
  REQUIRE(result.configuration);
  const policy::Rule& rule = result.configuration->rules.rules()[0];
  CHECK(rule.alert_thresholds == std::vector<int32_t>{50, 100});
  REQUIRE(rule.notified.size() == 3);
  CHECK(rule.notified[0]->id == "slack-bot:corp:slack:bot#a");
  CHECK(rule.notified[0]->to == "#a");
  CHECK(rule.notified[0]->ca_file == "/etc/corp.pem");
  CHECK(rule.notified[1]->to == "#b");
  CHECK(rule.notified[1]->url.reveal() == "https://slack.example/api/chat.postMessage?x=1");
  REQUIRE(rule.notified[1]->headers.size() == 1);
  CHECK(rule.notified[1]->headers[0].second.reveal() == "Bearer bot");
  CHECK(rule.notified[2]->id == "webhook:3");
  CHECK(rule.notified[2]->kind == policy::NotificationKind::kWebhook);
  // A document of the reference names channels that are kept elsewhere: it loads all the same.
  CHECK(lines_of(result).find("no notification-channel document has the name \"nowhere\"") !=
        std::string::npos);
}

struct Bad {
  const char* name;
  std::string text;
  const char* message;
};

TEST_CASE("what cannot be a notification is an error that quotes no address") {
  const Bad cases[] = {
      {"no URL", "name: c\ntype: notification-channel\nurl: canary-hook\n", "absolute http"},
      {"no address", "name: c\ntype: notification-channel\n", "url"},
      {"a header of two lines",
       "name: c\ntype: notification-channel\nurl: http://a/\nheaders: {x: \"canary\\nb\"}\n",
       "header"},
      {"neither channel nor address", kBudget + "{notification_target: [{type: webhook}]}\n",
       "needs either notification_channel or url"},
      {"both",
       kBudget + "{notification_target: [{type: webhook, url: \"http://canary/\", "
                 "notification_channel: c}]}\n",
       "needs either notification_channel or url"},
      {"an unknown kind", kBudget + "{notification_target: [{type: pigeon, url: http://a/}]}\n",
       "type"},
  };
  for (const Bad& row : cases) {
    CAPTURE(row.name);
    const LoadResult result = load_text(row.text);
    const std::string lines = lines_of(result);
    CAPTURE(lines);
    CHECK_FALSE(result.configuration);
    CHECK(lines.find(row.message) != std::string::npos);
    CHECK(lines.find("canary") == std::string::npos);
  }
}

}  // namespace
}  // namespace tollgate::config
