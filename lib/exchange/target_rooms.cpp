#include "exchange/target_rooms.hpp"

#include <algorithm>
#include <utility>

namespace tollgate::exchange {
namespace {

constexpr std::string_view kRule = "target";

ledger::Charge charge_of(const RoomBounds& of, Measure measure, int64_t limit, int64_t need) {
  ledger::Charge charge;
  charge.rule = kRule;
  charge.entity = of.holder;
  charge.hash = ledger::charge_hash(text_hash(kRule), text_hash(of.holder));
  charge.measure = measure;
  charge.period = Period::kMinute;
  charge.limit = limit;
  charge.need = need;
  return charge;
}

std::vector<ledger::Charge> charges_of(const std::vector<RoomBounds>& bounds, int64_t tokens) {
  std::vector<ledger::Charge> charges;
  for (const RoomBounds& of : bounds) {
    const router::Protection& most = of.bounds;
    if (most.concurrent_max != 0) {
      charges.push_back(charge_of(of, Measure::kSlots, most.concurrent_max, 1));
    }
    if (most.requests_per_minute != 0) {
      charges.push_back(charge_of(of, Measure::kRequests, most.requests_per_minute, 1));
    }
    if (most.tokens_per_minute != 0) {
      charges.push_back(
          charge_of(of, Measure::kTokens, static_cast<int64_t>(most.tokens_per_minute), tokens));
    }
  }
  return charges;
}

std::string reason_of(const ledger::Charge& charge) {
  const std::string most = std::to_string(charge.limit);
  switch (charge.measure) {
    case Measure::kSlots:
      return "no room: " + most + " at the same time";
    case Measure::kRequests:
      return "no room: " + most + " requests a minute";
    default:
      return "no room: " + most + " tokens a minute";
  }
}

}  // namespace

void TargetRooms::set_waker(Waker waker) {
  waker_ = waker;
  counters_->set_waker([waker](uint64_t token) { waker(token); });
}

bool TargetRooms::may_pass(const std::string& target, uint64_t ticket) const {
  const std::lock_guard lock(mutex_);
  const auto line = lines_.find(target);
  return line == lines_.end() || line->second.front().ticket == ticket;
}

TargetRooms::Entry TargetRooms::enter(const std::vector<RoomBounds>& bounds,
                                      const std::string& target, int64_t tokens, uint64_t ticket,
                                      uint64_t wake_token, Time now) {
  Entry entry;
  if (!may_pass(target, ticket)) {
    entry.reason = "no room: others wait for it";
    return entry;
  }
  const std::vector<ledger::Charge> charges = charges_of(bounds, tokens);
  ledger::AdmissionRequest asked;
  asked.charges = charges;
  // Only who is the next in line is woken: the others could not enter.
  asked.wake_token = ticket != 0 ? wake_token : 0;
  const Result<ledger::Admission> admission = counters_->admit(asked, now);
  if (!admission.ok()) {
    entry.reason = "no room: " + admission.status().message();
    return entry;
  }
  const ledger::Admission& given = admission.value();
  if (given.verdict == ledger::Verdict::kAdmitted) {
    entry.verdict = Verdict::kEntered;
    entry.lease.emplace(ledger::Lease::take(counters_, given, NanoUsd{}));
    return entry;
  }
  entry.again_ns = given.retry_at_ns;
  if (given.charge < charges.size()) {
    const ledger::Charge& full = charges[given.charge];
    entry.reason = reason_of(full);
    if (full.need > full.limit) entry.verdict = Verdict::kNever;
  }
  return entry;
}

std::unique_ptr<TargetRooms::Place> TargetRooms::stand_in_line(const std::string& target,
                                                               uint64_t wake_token) {
  uint64_t ticket = 0;
  {
    const std::lock_guard lock(mutex_);
    std::deque<Standing>& line = lines_[target];
    if (line.size() >= kInLineMax) return nullptr;
    ticket = next_ticket_++;
    line.push_back({ticket, wake_token});
  }
  return std::make_unique<Place>(*this, target, ticket);
}

void TargetRooms::leave(const std::string& target, uint64_t ticket) noexcept {
  uint64_t next = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto line = lines_.find(target);
    if (line == lines_.end()) return;
    std::deque<Standing>& standing = line->second;
    const auto own = std::find_if(standing.begin(), standing.end(),
                                  [&](const Standing& one) { return one.ticket == ticket; });
    if (own == standing.end()) return;
    const bool was_next = own == standing.begin();
    standing.erase(own);
    if (standing.empty()) {
      lines_.erase(line);
    } else if (was_next) {
      next = standing.front().wake_token;
    }
  }
  // There may be room for more than the one who has just gone in.
  if (next != 0) waker_(next);
}

}  // namespace tollgate::exchange
