// Room at targets that somebody protects: it is taken before a call, waited for where nobody else
// can serve, and given back when the call ends.

#include <algorithm>
#include <string>
#include <utility>

#include "base/limits.hpp"
#include "exchange/exchange.hpp"
#include "exchange/failures.hpp"
#include "router/capability.hpp"

namespace tollgate::exchange {
namespace {

// A host without a waker finds room by looking.
constexpr uint64_t kLookAgainNs = 250 * kMillisecond;

model::Failure no_room_at(const std::string& target, const std::string& reason) {
  model::Failure failure;
  failure.kind = model::FailureKind::kOverloaded;
  failure.status = 529;
  failure.retry_after_s = 1;
  failure.message = "The model " + target + " has " + reason + ". Try again in a moment.";
  return failure;
}

}  // namespace

/// Everything that bounds calls of this candidate: its account, its model, its place in the route.
std::vector<RoomBounds> Exchange::bounds_of(const Candidate& candidate) const {
  std::vector<RoomBounds> all;
  const uint32_t index = candidate.target.integration;
  const router::Integration& model = configuration_->catalog.integrations()[index];
  if (const auto& own = configuration_->account_protections[model.account]; own.any()) {
    all.push_back({"account " + model.account_name, own});
  }
  if (const auto& own = configuration_->protections[index]; own.any()) {
    all.push_back({"model " + model.account_name + "/" + model.name, own});
  }
  if (candidate.route != nullptr && candidate.route->protection.any()) {
    all.push_back({"route " + std::to_string(decision_.routing->key) + " " + candidate.target.name,
                   candidate.route->protection});
  }
  return all;
}

/// True when the candidate may be called now. Counting tokens needs no room.
bool Exchange::take_room(size_t index) {
  Candidate& candidate = decision_.candidates[index];
  if (request_.operation != Operation::kMessages) return true;
  if (room_ && room_candidate_ == index) return true;
  const std::vector<RoomBounds> bounds = bounds_of(candidate);
  if (bounds.empty()) return true;
  const std::string& target = candidate.target.name;
  const bool stands = in_line_ != nullptr && in_line_->target() == target;
  TargetRooms::Entry entry =
      environment_->rooms.enter(bounds, target, router::least_tokens(facts_),
                                stands ? in_line_->ticket() : 0, options_.wake_token, now_);
  if (entry.verdict == TargetRooms::Verdict::kEntered) {
    if (std::exchange(candidate.full, false)) candidate.reason.clear();
    room_.emplace(std::move(*entry.lease));
    room_candidate_ = index;
    in_line_.reset();
    selection_.room_again_ns = 0;
    return true;
  }
  if (entry.verdict == TargetRooms::Verdict::kNever) {
    skip_candidate(candidate, entry.reason, no_room_at(target, entry.reason));
    return false;
  }
  if (!candidate.full) record_.steps.push_back({"room", "full", target + ": " + entry.reason});
  candidate.full = true;
  candidate.reason = std::move(entry.reason);
  if (stands) {
    const uint64_t soon = deadline_after(now_.mono_ns, kLookAgainNs);
    selection_.room_again_ns = std::max(now_.mono_ns + 1, std::min(entry.again_ns, soon));
  }
  return false;
}

/// Everybody has been asked. True when this waits for room at the first target that had none.
bool Exchange::stand_in_line() {
  const bool decided = last_failure_ && last_failure_->definite;
  const auto found =
      std::find_if(decision_.candidates.begin(), decision_.candidates.end(),
                   [](const Candidate& candidate) { return candidate.usable && candidate.full; });
  if (found == decision_.candidates.end() || decided || attempt_count_ >= attempts_max()) {
    in_line_.reset();
    selection_.room_again_ns = 0;
    return false;
  }
  const std::string& target = found->target.name;
  if (selection_.room_until_ns == 0) {
    uint64_t wait_ns = 0;
    for (const RoomBounds& one : bounds_of(*found))
      wait_ns = std::max(wait_ns, one.bounds.wait_ns);
    selection_.room_until_ns = deadline_after(now_.mono_ns, wait_ns);
  }
  if (in_line_ == nullptr || in_line_->target() != target) {
    in_line_ = environment_->rooms.stand_in_line(target, options_.wake_token);
    // Asked once more from the line: room may have come meanwhile, else it is woken.
    selection_.room_again_ns = now_.mono_ns + 1;
  }
  if (in_line_ == nullptr || now_.mono_ns >= selection_.room_until_ns) {
    in_line_.reset();
    selection_.room_again_ns = 0;
    if (!last_failure_) {
      last_failure_.emplace();
      last_failure_->failure = no_room_at(target, found->reason);
      retry_may_help_ = true;
    }
    return false;
  }
  next_candidate_ = static_cast<size_t>(found - decision_.candidates.begin());
  if (selection_.room_again_ns <= now_.mono_ns) {
    selection_.room_again_ns = deadline_after(now_.mono_ns, kLookAgainNs);
  }
  selection_.room_again_ns = std::min(selection_.room_again_ns, selection_.room_until_ns);
  step(Event::kMustWait);
  return true;
}

/// The call is over, or none came of it. What it used counts in its minute.
void Exchange::leave_room() {
  in_line_.reset();
  if (!room_) return;
  if (attempt_ == nullptr) {
    room_->release(now_);
  } else {
    int64_t tokens = -1;
    if (record_.usage) tokens = record_.usage->tokens.prompt() + record_.usage->tokens.output;
    room_->settle(ledger::Outcome{NanoUsd{}, tokens}, now_);
  }
  room_.reset();
}

}  // namespace tollgate::exchange
