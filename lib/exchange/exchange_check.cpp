// Active health checks: whether what stands behind an account answers at all. A call of the
// gateway's own without a key and without a prompt, so that it can cost nothing.

#include <algorithm>
#include <string>
#include <utility>

#include "exchange/exchange.hpp"
#include "exchange/failures.hpp"
#include "json/writer.hpp"
#include "router/hash.hpp"
#include "wire/url.hpp"

namespace tollgate::exchange {
namespace {

constexpr uint64_t kCheckNs = 10 * kSecond;

/// Where it is asked: as configured, or the root of the account's address.
std::string check_url(const providers::Account& account) {
  if (!account.check_url.empty()) return account.check_url;
  const Result<wire::UrlParts> parts = wire::parse_base_url(account.base_url);
  if (!parts.ok()) return {};
  return std::string(parts.value().scheme) + "://" + std::string(parts.value().authority) + "/";
}

/// Models with an address of their own are accounts of the same name.
uint64_t check_key(const providers::Account& account, std::string_view url) {
  return router::hash_text(url, router::hash_text(account.name));
}

}  // namespace

/// Asks the next account that is due; when none is left, the client is told.
void Exchange::check_upstreams() {
  if (!environment_->host_can(TG_ACTION_UPSTREAM_OPEN)) {
    model::Failure failure;
    failure.status = 501;
    failure.should_retry = false;
    failure.message = "This host of the gateway sends nothing, so it cannot check its upstreams.";
    refuse(failure, Event::kAnswered);
    return;
  }
  const auto& accounts = configuration_->accounts;
  while (checks_.next < accounts.size()) {
    const providers::Account& account = accounts[checks_.next++];
    if (account.check_interval_ns == 0) continue;
    std::string url = check_url(account);
    if (url.empty() || !environment_->router.checks.take(check_key(account, url),
                                                         account.check_interval_ns, now_)) {
      continue;
    }
    auxiliary_ = std::make_unique<AuxiliaryState>();
    auxiliary_->checked = &account;
    auxiliary_->call.request.method = "GET";
    auxiliary_->call.request.url = std::move(url);
    static_cast<void>(auxiliary_->call.request.headers.add("accept", "*/*"));
    static_cast<void>(auxiliary_->call.request.headers.add("accept-encoding", "identity"));
    auxiliary_->ca_file = account.ca_file;
    auxiliary_->proxy = account.proxy;
    open_auxiliary();
    auxiliary_->deadline_ns = deadline_after(now_.mono_ns, kCheckNs);
    step(Event::kAuxNeeded);
    return;
  }
  answer_checks();
}

void Exchange::answer_checks() {
  uint64_t due_ns = kNoDeadline;
  for (const providers::Account& account : configuration_->accounts) {
    const std::string url = check_url(account);
    if (account.check_interval_ns == 0 || url.empty()) continue;
    due_ns = std::min(due_ns, environment_->router.checks.due_ns(check_key(account, url),
                                                                 account.check_interval_ns, now_));
  }
  std::string body;
  json::Writer writer(body);
  writer.begin_object()
      .member("checked", static_cast<int64_t>(checks_.made))
      .member("failed", static_cast<int64_t>(checks_.failed))
      .key("next_seconds");
  if (due_ns == kNoDeadline) {
    writer.null();
  } else {
    const uint64_t left_ns = elapsed(now_.mono_ns, due_ns);
    writer.integer(static_cast<int64_t>((left_ns + kSecond - 1) / kSecond));
  }
  writer.end_object();
  start_head(200);
  add_header("content-type", "application/json");
  answer_whole(std::move(body), Event::kAnswered);
}

/// What the check's end says of every model of the account.
void Exchange::note_check(router::Outcome outcome) {
  ++checks_.made;
  checks_.failed += outcome == router::Outcome::kFailed ? 1 : 0;
  if (outcome == router::Outcome::kNeutral) return;
  router::TargetReport report;
  report.outcome = outcome;
  router::Health& health = environment_->router.health;
  for (const router::Integration& model : configuration_->catalog.integrations()) {
    if (model.is_wildcard() || &configuration_->accounts[model.account] != auxiliary_->checked) {
      continue;
    }
    const uint64_t target = router::hash_text(model.account_name + "/" + model.name);
    for (const auto endpoint :
         {router::EndpointClass::kMessages, router::EndpointClass::kCountTokens}) {
      if (outcome == router::Outcome::kFailed) {
        health.report(target, endpoint, report, now_);
      } else {
        health.note_reachable(target, endpoint, now_);
      }
    }
  }
}

/// The check has its answer. An address of one's own must say that all is well; of the root of a
/// provider's it is enough that somebody is there.
void Exchange::check_answered(uint32_t status) {
  const bool own = !auxiliary_->checked->check_url.empty();
  const bool well = own ? status < 300 : status < 500;
  note_check(well ? router::Outcome::kServed : router::Outcome::kFailed);
  close_auxiliary(true);
  auxiliary_is_over();
}

}  // namespace tollgate::exchange
