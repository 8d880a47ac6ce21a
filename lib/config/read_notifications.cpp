#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "config/document_types.hpp"
#include "config/names.hpp"
#include "config/rule_reading.hpp"
#include "wire/headers.hpp"
#include "wire/url.hpp"

namespace tollgate::config {
namespace {

using policy::NotificationKind;

constexpr size_t kNotifiedMax = 32;  ///< Of one budget.

constexpr std::array kKinds = {
    std::pair{std::string_view("email"), NotificationKind::kEmail},
    std::pair{std::string_view("slack-webhook"), NotificationKind::kSlackWebhook},
    std::pair{std::string_view("slack-bot"), NotificationKind::kSlackBot},
    std::pair{std::string_view("pagerduty"), NotificationKind::kPagerDuty},
    std::pair{std::string_view("ms-teams-webhook"), NotificationKind::kMsTeams},
    std::pair{std::string_view("webhook"), NotificationKind::kWebhook},
};

/// An address that is itself a secret: messages do not quote it.
Secret read_address(StrictMapping& holder, const Value& value) {
  std::optional<Secret> url = read_secret(holder.reading(), value);
  if (!url) return {};
  // A webhook's address may end in a query, which says nothing about the rest.
  const std::string_view text = url->reveal();
  if (!wire::parse_base_url(text.substr(0, text.find('?'))).ok()) {
    holder.reading().report.error(value.place(), "must be an absolute http or https URL");
    return {};
  }
  return std::move(*url);
}

std::vector<std::pair<std::string, Secret>> read_headers(StrictMapping& holder) {
  std::vector<std::pair<std::string, Secret>> headers;
  const std::optional<Value> value = holder.take("headers");
  if (!value) return headers;
  for (const Entry& entry : read_entries(holder.reading(), *value)) {
    std::optional<Secret> text = read_secret(holder.reading(), entry.value);
    if (!text) continue;
    wire::Headers probe;
    if (!probe.add(entry.key, text->reveal()).ok()) {
      holder.reading().report.error(entry.value.place(), "cannot be sent as a header");
      continue;
    }
    headers.emplace_back(entry.key, std::move(*text));
  }
  return headers;
}

/// One of `notification_target`: as many notifications as it names channels of a bot.
void read_target(Reading& reading, const Value& item, std::vector<NotificationDraft>& found) {
  StrictMapping target(reading, item);
  if (!target.valid()) return;
  std::vector<std::string_view> names;
  for (const auto& [name, kind] : kKinds)
    names.push_back(name);
  const std::optional<size_t> kind = target.choice("type", names);
  NotificationDraft draft;
  draft.place = item.place();
  draft.channel = target.string("notification_channel").value_or("");
  draft.notification.emails = target.strings("to_emails");
  const std::vector<std::string> channels = target.strings("channels");
  const std::optional<Value> url = target.take("url");
  if (url) draft.notification.url = read_address(target, *url);
  draft.notification.headers = read_headers(target);
  target.done();
  if (!kind) return;
  if (draft.channel.empty() == !url) {
    reading.report.error(item.place(), "needs either notification_channel or url");
    return;
  }
  policy::Notification& notification = draft.notification;
  notification.kind = kKinds[*kind].second;
  notification.id = std::string(kKinds[*kind].first) + ":" +
                    (url ? std::to_string(found.size() + 1) : draft.channel);
  if (notification.kind != NotificationKind::kSlackBot || channels.empty()) {
    found.push_back(std::move(draft));
    return;
  }
  const std::string id = notification.id;
  for (const std::string& channel : channels) {
    notification.id = id + channel;
    notification.to = channel;
    found.push_back(draft);
  }
}

}  // namespace

void read_alerts(StrictMapping& holder, RuleDraft& draft) {
  policy::Rule& rule = draft.rule;
  rule.alert_thresholds = {75, 90, 95, 100};
  const std::optional<Value> value = holder.take("alerts");
  if (!value) return;
  Reading& reading = holder.reading();
  StrictMapping alerts(reading, *value);
  if (!alerts.valid()) return;
  if (const std::optional<Value> thresholds = alerts.take("thresholds")) {
    rule.alert_thresholds.clear();
    for (const Value& item : read_list(reading, *thresholds)) {
      const std::optional<int64_t> percent = read_integer(reading, item, 0, 100);
      if (percent) rule.alert_thresholds.push_back(static_cast<int32_t>(*percent));
    }
    std::vector<int32_t>& list = rule.alert_thresholds;
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  }
  for (const Value& item : alerts.list("notification_target"))
    read_target(reading, item, draft.notified);
  if (draft.notified.size() > kNotifiedMax) {
    reading.report.error(value->place(), "tells more than 32 targets");
    draft.notified.clear();
  }
  if (alerts.take("send_to")) alerts.choice("send_to", {"shared", "breaching-user"});
  alerts.done();
}

void read_notification_channel(StrictMapping& document, Draft& draft) {
  ChannelDraft channel;
  std::optional<ReadName> name = read_name(document);
  if (const std::optional<Value> url = document.require("url")) {
    channel.url = read_address(document, *url);
  }
  channel.headers = read_headers(document);
  if (const std::optional<Value> key = document.take("routing_key")) {
    channel.routing_key = read_secret(document.reading(), *key).value_or(Secret());
  }
  if (const std::optional<Value> tls = document.take("tls_settings")) {
    StrictMapping mapping(document.reading(), *tls);
    channel.ca_file = mapping.string("ca_cert_file").value_or("");
    mapping.done();
  }
  if (!name) return;
  channel.name = std::move(name->name);
  channel.place = std::move(name->place);
  draft.channels.push_back(std::move(channel));
}

void resolve_notifications(Draft& draft, Report& report) {
  for (RuleDraft& rule : draft.rules) {
    for (NotificationDraft& one : rule.notified) {
      if (!one.channel.empty()) {
        const auto found =
            std::find_if(draft.channels.begin(), draft.channels.end(),
                         [&](const ChannelDraft& known) { return known.name == one.channel; });
        if (found == draft.channels.end()) {
          report.warning(one.place, "no notification-channel document has the name \"" +
                                        one.channel + "\": nobody is told by this way");
          continue;
        }
        one.notification.url = found->url;
        one.notification.routing_key = found->routing_key;
        one.notification.ca_file = found->ca_file;
        one.notification.headers.insert(one.notification.headers.end(), found->headers.begin(),
                                        found->headers.end());
      }
      rule.rule.notified.push_back(
          std::make_shared<const policy::Notification>(std::move(one.notification)));
    }
  }
}

}  // namespace tollgate::config
