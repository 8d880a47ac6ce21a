// Budgets whose thresholds are passed: somebody is told, after the client has its whole answer.

#include <algorithm>
#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "exchange/alert_text.hpp"
#include "exchange/exchange.hpp"
#include "exchange/failures.hpp"
#include "json/writer.hpp"

namespace tollgate::exchange {
namespace {

// A client may want to use its connection again: nobody is waited for long, and what fails is tried
// again with a later request.
constexpr uint64_t kCallNs = 5 * kSecond;
constexpr uint64_t kAllCallsNs = 5 * kSecond;
constexpr uint64_t kLookNs = 50 * kMillisecond;
constexpr uint64_t kDrainLookNs = 500 * kMillisecond;
constexpr uint32_t kTriesMax = 5;
constexpr size_t kAnswerBytesMax = 4'096;

bool may_pass_later(uint32_t status) {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

__extension__ typedef __int128 Wide;

bool has_passed(int64_t spent, int64_t limit, int32_t threshold) {
  return limit > 0 && static_cast<Wide>(spent) * 100 >= static_cast<Wide>(limit) * threshold;
}

}  // namespace

/// Money was booked: alerts of the budgets whose thresholds it has carried over.
void Exchange::note_thresholds() {
  if (!options_.notifies) return;
  for (size_t i = 0; i < money_.charges.charges.size(); ++i) {
    const ledger::Charge& charge = money_.charges.charges[i];
    const policy::Match& match = *money_.charges.origins[i];
    const policy::Rule& rule = *match.rule;
    if (rule.notified.empty() || rule.kind != policy::RuleKind::kBudget) continue;
    const int64_t spent = environment_->ledger->balance(charge, now_).spent();
    const policy::Limit limit{charge.measure, charge.period, charge.limit};
    for (const int32_t threshold : rule.alert_thresholds) {
      if (!has_passed(spent, charge.limit, threshold)) break;
      put_alerts({rule, match.entity, limit, charge, spent, threshold});
    }
  }
}

void Exchange::put_alerts(const Passed& passed) {
  for (const auto& receiver : passed.rule.notified) {
    std::string mark = "alert/" + passed.rule.key + "/" + policy::limit_name(passed.limit) + "/" +
                       std::to_string(passed.threshold) + "/" + receiver->id;
    const Window& window = passed.charge.window;
    if (!environment_->alerts.is_new(mark, passed.entity, window, now_.wall_ms)) continue;
    Alert alert;
    alert.receiver = receiver;
    alert.budget = passed.rule.id;
    alert.mark = std::move(mark);
    alert.entity = passed.entity;
    alert.threshold = passed.threshold;
    alert.period = passed.limit.period;
    alert.window = window;
    alert.body = alert_body(*receiver, passed);
    environment_->alerts.put(std::move(alert));
  }
}

/// The client has all it gets. Until nothing is due any more, or the time for it is up, the
/// exchange stays to deliver. False when it may go.
bool Exchange::deliver_alerts() {
  while (actions_.empty() && (alert_ != nullptr || next_alert())) {
    const bool draining = environment_->draining.load(std::memory_order_relaxed);
    if (auxiliary_ != nullptr) {
      if (now_.mono_ns < auxiliary_->deadline_ns && !draining) {
        alert_->look_ns =
            std::min(auxiliary_->deadline_ns, deadline_after(now_.mono_ns, kDrainLookNs));
        return true;
      }
      close_auxiliary(true);
      alert_failed("no answer in time", true);
    } else if (!mark_is_ours()) {
      if (alert_ != nullptr) return true;  // Its store has not answered yet.
    } else {
      call_receiver();
    }
  }
  return alert_ != nullptr;
}

/// Takes the next one that is due and that nobody else delivers.
bool Exchange::next_alert() {
  AlertBook& book = environment_->alerts;
  if (!book.waits() || request_.principal == nullptr || !options_.notifies) return false;
  if (environment_->draining.load(std::memory_order_relaxed)) return false;
  if (alerts_until_ns_ == 0) alerts_until_ns_ = deadline_after(now_.mono_ns, kAllCallsNs);
  while (now_.mono_ns < alerts_until_ns_) {
    std::optional<Alert> alert = book.take(now_);
    if (!alert) return false;
    const ledger::Charge charge = alert->charge();
    ledger::AdmissionRequest asked;
    asked.charges = {&charge, 1};
    asked.expires_mono_ns = deadline_after(now_.mono_ns, 60 * kSecond);
    const Result<ledger::Admission> admission = environment_->ledger->admit(asked, now_);
    // Somebody delivers it, or has delivered it, in this process or another.
    if (!admission.ok() || admission.value().verdict != ledger::Verdict::kAdmitted) continue;
    alert_ = std::make_unique<AlertDelivery>(AlertDelivery{
        std::move(*alert), ledger::Lease::take(environment_->ledger, admission.value(), NanoUsd{}),
        deadline_after(now_.mono_ns, Money::kJournalNs), 0});
    return true;
  }
  return false;
}

/// Whether the mark is safe and granted. When a store has refused it, or cannot be reached, the
/// delivery is over; else it goes on later.
bool Exchange::mark_is_ours() {
  ledger::Lease& mark = alert_->mark;
  if (environment_->ledger->journal().is_durable(mark.sequence(), options_.wake_token)) {
    if (mark.sequence() == 0 || mark.is_held()) return true;
    alert_.reset();
    return false;
  }
  environment_->waker(environment_->waker.background_token);
  if (now_.mono_ns >= alert_->until_ns) {
    (void)mark.release(now_);
    alert_->alert.due_ns = deadline_after(now_.mono_ns, kCallNs);
    environment_->alerts.put(std::move(alert_->alert));
    alert_.reset();
    return false;
  }
  alert_->look_ns = deadline_after(now_.mono_ns, kLookNs);
  return false;
}

void Exchange::call_receiver() {
  const policy::Notification& receiver = *alert_->alert.receiver;
  auxiliary_ = std::make_unique<AuxiliaryState>();
  providers::UpstreamRequest& request = auxiliary_->call.request;
  request.method = "POST";
  request.url = receiver.url.reveal();
  static_cast<void>(request.headers.add("content-type", "application/json; charset=utf-8"));
  static_cast<void>(request.headers.add("accept-encoding", "identity"));
  for (const auto& [name, value] : receiver.headers)
    static_cast<void>(request.headers.add(name, value.reveal()));
  auxiliary_->call.body = alert_->alert.body;
  auxiliary_->ca_file = receiver.ca_file;
  open_auxiliary();
  auxiliary_->deadline_ns = deadline_after(now_.mono_ns, kCallNs);
}

void Exchange::alert_answered(uint32_t status) {
  // Slack's interface for programs says no with a 200.
  const bool refused = alert_->alert.receiver->kind == policy::NotificationKind::kSlackBot &&
                       auxiliary_->body.find("\"ok\":false") != std::string::npos;
  close_auxiliary(false);
  if (status < 200 || status > 299 || refused) {
    alert_failed(refused ? "refused" : "status " + std::to_string(status), may_pass_later(status));
    return;
  }
  (void)alert_->mark.settle(NanoUsd{}, now_);
  environment_->alerts.count_delivered();
  record_alert("delivered", {});
  alert_.reset();
}

/// The mark goes back while there are tries left, so that any process may make them.
void Exchange::alert_failed(std::string_view reason, bool may_pass) {
  Alert& alert = alert_->alert;
  ++alert.tries;
  if (may_pass && alert.tries < kTriesMax) {
    environment_->alerts.count_retry();
    (void)alert_->mark.release(now_);
    alert.due_ns = deadline_after(now_.mono_ns, kSecond << alert.tries);
    environment_->alerts.put(std::move(alert));
  } else {
    environment_->alerts.count_failure();
    (void)alert_->mark.settle(NanoUsd{}, now_);
    record_alert("failed", reason);
  }
  alert_.reset();
}

void Exchange::add_alert_answer(std::string_view bytes) {
  const size_t room = kAnswerBytesMax - std::min(kAnswerBytesMax, auxiliary_->body.size());
  auxiliary_->body.append(bytes.substr(0, room));
}

/// A line of its own among the records; no address and no key is in it.
void Exchange::record_alert(std::string_view outcome, std::string_view reason) {
  if (!environment_->host_can(TG_ACTION_RECORD)) return;
  const Alert& alert = alert_->alert;
  record_json_.clear();
  json::Writer out(record_json_);
  out.begin_object()
      .member("operation", "alert")
      .member("time", format_rfc3339(now_.wall_ms))
      .member("budget", alert.budget)
      .member("subject", alert.entity)
      .member("window", period_name(alert.period))
      .member("threshold", int64_t{alert.threshold})
      .member("receiver", alert.receiver->id)
      .member("tries", int64_t{alert.tries + (outcome == "delivered" ? 1U : 0U)})
      .member("outcome", outcome)
      .member("reason", reason)
      .end_object();
  actions_.push(TG_ACTION_RECORD);
}

/// The exchange is thrown away: another one delivers.
void Exchange::leave_alert() {
  if (alert_ == nullptr) return;
  (void)alert_->mark.release(now_);
  environment_->alerts.put(std::move(alert_->alert));
  alert_.reset();
}

}  // namespace tollgate::exchange
