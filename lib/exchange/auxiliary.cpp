#include "exchange/auxiliary.hpp"

#include <algorithm>
#include <utility>

namespace tollgate::exchange {
namespace {

// A call that failed is not repeated by every request that comes meanwhile.
constexpr uint64_t kFailureHoldNs = kSecond;
// Somebody takes the place of a leader who goes away, but those who come only to go cannot make
// calls without end.
constexpr uint32_t kLeaversMax = 3;

}  // namespace

Auxiliary::Answer Auxiliary::ask(std::string_view key, uint64_t leader, uint64_t wake_token,
                                 Time now) {
  const std::lock_guard lock(mutex_);
  Flight& flight = flights_[std::string(key)];
  if (serves(flight, now)) return {Role::kReady, flight.value};
  return join(flight, leader, wake_token, now);
}

/// A value that should be renewed serves while somebody does that, or could not a moment ago.
bool Auxiliary::serves(const Flight& flight, Time now) {
  if (flight.value.empty() || now.mono_ns >= flight.expires_mono_ns) return false;
  return now.mono_ns < flight.renew_mono_ns || flight.leader != 0 ||
         now.mono_ns < flight.failed_until_ns;
}

bool Auxiliary::knows(std::string_view key, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = flights_.find(std::string(key));
  return found != flights_.end() && serves(found->second, now);
}

Auxiliary::Answer Auxiliary::ask_newer(std::string_view key, uint64_t leader, uint64_t wake_token,
                                       uint64_t rest_ns, Time now) {
  const std::lock_guard lock(mutex_);
  Flight& flight = flights_[std::string(key)];
  const bool rested = now.mono_ns >= flight.rest_until_ns;
  const bool again = flight.abandoned && flight.left < kLeaversMax;
  if (flight.leader == 0 && !rested && !again) {
    return {flight.failure.empty() ? Role::kReady : Role::kFailed, flight.failure};
  }
  const Answer answer = join(flight, leader, wake_token, now);
  if (answer.role != Role::kLead) return answer;
  flight.abandoned = false;
  if (rested) {
    flight.rest_until_ns = deadline_after(now.mono_ns, rest_ns);
    flight.left = 0;
  }
  return answer;
}

/// Waits for the one who leads, or leads.
Auxiliary::Answer Auxiliary::join(Flight& flight, uint64_t leader, uint64_t wake_token, Time now) {
  if (flight.leader != 0) {
    // Who polls asks more than once; it is woken once.
    if (std::find(flight.waiting.begin(), flight.waiting.end(), wake_token) ==
        flight.waiting.end()) {
      flight.waiting.push_back(wake_token);
    }
    return {Role::kWait, {}};
  }
  if (now.mono_ns < flight.failed_until_ns) return {Role::kFailed, flight.failure};
  flight.leader = leader;
  return {Role::kLead, {}};
}

std::vector<uint64_t> Auxiliary::succeed(std::string_view key, uint64_t leader,
                                         providers::AuxiliaryValue value) {
  const std::lock_guard lock(mutex_);
  const auto found = flights_.find(std::string(key));
  if (found == flights_.end() || found->second.leader != leader) return {};
  Flight& flight = found->second;
  flight.value = std::move(value.value);
  flight.expires_mono_ns = value.expires_mono_ns;
  flight.renew_mono_ns = value.renew_mono_ns;
  flight.failure.clear();
  flight.failed_until_ns = 0;
  flight.leader = 0;
  return std::exchange(flight.waiting, {});
}

std::vector<uint64_t> Auxiliary::fail(std::string_view key, uint64_t leader, std::string reason,
                                      Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = flights_.find(std::string(key));
  if (found == flights_.end() || found->second.leader != leader) return {};
  Flight& flight = found->second;
  flight.failure = std::move(reason);
  flight.failed_until_ns = deadline_after(now.mono_ns, kFailureHoldNs);
  flight.leader = 0;
  return std::exchange(flight.waiting, {});
}

std::vector<uint64_t> Auxiliary::leave(std::string_view key, uint64_t leader) {
  const std::lock_guard lock(mutex_);
  const auto found = flights_.find(std::string(key));
  if (found == flights_.end() || found->second.leader != leader) return {};
  found->second.leader = 0;
  found->second.abandoned = true;
  found->second.left += 1;
  found->second.failure = "who asked went away";
  return std::exchange(found->second.waiting, {});
}

void Auxiliary::forget(std::string_view key, std::string_view value) {
  const std::lock_guard lock(mutex_);
  const auto found = flights_.find(std::string(key));
  if (found != flights_.end() && found->second.value == value) found->second.value.clear();
}

}  // namespace tollgate::exchange
