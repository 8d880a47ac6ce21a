// Callers who bring a token of an identity provider: its keys are fetched once for all of them.

#include <memory>
#include <string>
#include <utility>

#include "base/limits.hpp"
#include "exchange/exchange.hpp"
#include "identity/key_set.hpp"

namespace tollgate::exchange {
namespace {

// Keys are looked at again after an hour; if their issuer is away, they serve for a day.
constexpr uint64_t kFreshNs = 3'600 * kSecond;
constexpr uint64_t kStaleNs = 24 * kFreshNs;
// A token that names a key nobody has seen makes the keys be fetched again at once, since issuers
// change keys whenever they like; but whoever makes up such tokens cannot cause more than this.
constexpr uint64_t kAgainNs = 10 * kSecond;
// How long a caller is kept waiting for newer keys than those that would do.
constexpr uint64_t kNewerNs = 3 * kSecond;

model::Failure refused_token(std::string_view why) {
  model::Failure failure;
  failure.kind = model::FailureKind::kAuthentication;
  failure.status = 401;
  failure.should_retry = false;
  failure.message = "The gateway does not accept this token: " + std::string(why) +
                    ". Sign in again, or ask your gateway administrator.";
  return failure;
}

model::Failure keys_not_available() {
  model::Failure failure;
  failure.status = 503;
  failure.retry_after_s = 2;
  failure.message =
      "The gateway cannot check this token: its identity provider does not answer. Try again in a "
      "moment.";
  return failure;
}

}  // namespace

/// Finds out who brought the token. True when that is settled: the caller is known, or was refused.
/// False when the issuer's keys are needed first.
bool Exchange::identify_by_token() {
  const identity::Issuer& issuer = *request_.issuer;
  const identity::Jwt& token = *request_.token;
  if (const Status status = identity::check_claims(issuer, token, now_); !status.ok()) {
    refuse(refused_token(status.message()), Event::kAnswered);
    return true;
  }
  const KeyRing::Entry known = environment_->keys.find(issuer.jwks_uri);
  if (known.keys == nullptr) return false;
  const uint64_t age = elapsed(known.fetched_ns, now_.mono_ns);
  const bool is_signed = identity::is_signed_by(token, *known.keys);
  // A token that names no key may be signed with any, so also with one that is newer.
  const bool has_key = token.key_id.empty() ? is_signed : identity::has_key(token, *known.keys);
  if (!keys_asked_ && (age > kFreshNs || !has_key)) return false;
  if (age > kStaleNs || (!has_key && keys_away_)) {
    refuse(keys_not_available(), Event::kAnswered);
    return true;
  }
  if (!is_signed) {
    refuse(refused_token(has_key ? "its signature is wrong" : "no key of its issuer signed it"),
           Event::kAnswered);
    return true;
  }
  Result<model::Principal> principal = configuration_->claims.principal_of(issuer, token, now_);
  if (!principal.ok()) {
    refuse(refused_token(principal.status().message()), Event::kAnswered);
    return true;
  }
  request_.own_principal = std::move(principal.value());
  request_.principal = &*request_.own_principal;
  request_.token.reset();
  return true;
}

/// Asks for the issuer's keys, or waits for the exchange that does.
void Exchange::ask_keys() {
  const std::string key = "keys\n" + request_.issuer->jwks_uri;
  const uint64_t self = reinterpret_cast<uintptr_t>(this);
  const KeyRing::Entry known = environment_->keys.find(request_.issuer->jwks_uri);
  const uint64_t age = elapsed(known.fetched_ns, now_.mono_ns);
  const Auxiliary::Answer answer =
      known.keys == nullptr
          ? environment_->auxiliary.ask(key, self, options_.wake_token, now_)
          : environment_->auxiliary.ask_newer(key, self, options_.wake_token, kAgainNs, now_);
  const bool will_do = known.keys != nullptr && age <= kStaleNs &&
                       identity::is_signed_by(*request_.token, *known.keys);
  const bool waits = answer.role == Auxiliary::Role::kWait && !will_do;
  if (answer.role != Auxiliary::Role::kLead && !waits) {
    // Fresh from another exchange, or not to be had: what there is decides.
    keys_asked_ = true;
    keys_away_ = answer.role == Auxiliary::Role::kFailed;
    if (!identify_by_token()) refuse(keys_not_available(), Event::kAnswered);
    return;
  }
  auxiliary_ = std::make_unique<AuxiliaryState>();
  auxiliary_->key = key;
  auxiliary_->issuer = request_.issuer;
  if (waits) {
    auxiliary_->deadline_ns = deadline_after(now_.mono_ns, limits::kAuxiliaryPollNs);
  } else {
    auxiliary_->call.request.method = "GET";
    auxiliary_->call.request.url = request_.issuer->jwks_uri;
    static_cast<void>(auxiliary_->call.request.headers.add("accept", "application/json"));
    static_cast<void>(auxiliary_->call.request.headers.add("accept-encoding", "identity"));
    auxiliary_->ca_file = request_.issuer->ca_file;
    open_auxiliary();
    if (will_do) auxiliary_->deadline_ns = deadline_after(now_.mono_ns, kNewerNs);
  }
  step(Event::kAuxNeeded);
}

/// The key set's call has ended with an answer.
Status Exchange::take_keys(uint32_t status) {
  if (status != 200) return invalid("the key set's address answered " + std::to_string(status));
  Result<std::vector<identity::PublicKey>> keys = identity::parse_key_set(auxiliary_->body);
  if (!keys.ok()) return keys.status();
  environment_->keys.put(
      auxiliary_->issuer->jwks_uri,
      std::make_shared<const std::vector<identity::PublicKey>>(std::move(keys.value())), now_);
  return Status();
}

}  // namespace tollgate::exchange
