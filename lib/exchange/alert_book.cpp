#include "exchange/alert_book.hpp"

#include <algorithm>
#include <utility>

#include "base/text_hash.hpp"

namespace tollgate::exchange {

ledger::Charge Alert::charge() const {
  ledger::Charge charge;
  charge.rule = mark;
  charge.entity = entity;
  charge.hash = ledger::charge_hash(text_hash(mark), text_hash(entity));
  charge.measure = Measure::kRequests;
  charge.period = period;
  charge.window = window;
  charge.limit = 1;
  charge.need = 1;
  return charge;
}

bool AlertBook::is_new(std::string_view mark, std::string_view entity, const Window& window,
                       int64_t wall_ms) {
  std::string key(mark);
  key.append(1, '\n').append(entity);
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(key);
  if (found != known_.end() && found->second == window.end_ms) return false;
  if (found != known_.end()) {
    found->second = window.end_ms;
    return true;
  }
  if (known_.size() >= kKnownMax) {
    std::erase_if(known_, [wall_ms](const auto& one) { return one.second <= wall_ms; });
    if (known_.size() >= kKnownMax) known_.clear();
  }
  known_.emplace(std::move(key), window.end_ms);
  return true;
}

void AlertBook::put(Alert alert) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kWaitingMax) {
    ++counts_.dropped;
    return;
  }
  waiting_.push_back(std::move(alert));
  waiting_count_ = waiting_.size();
}

std::optional<Alert> AlertBook::take(Time now) {
  const std::lock_guard lock(mutex_);
  const auto due = [now](const Alert& alert) { return alert.due_ns <= now.mono_ns; };
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), due);
  if (found == waiting_.end()) return std::nullopt;
  Alert alert = std::move(*found);
  waiting_.erase(found);
  waiting_count_ = waiting_.size();
  return alert;
}

void AlertBook::count_delivered() {
  const std::lock_guard lock(mutex_);
  ++counts_.delivered;
}

void AlertBook::count_retry() {
  const std::lock_guard lock(mutex_);
  ++counts_.retried;
}

void AlertBook::count_failure() {
  const std::lock_guard lock(mutex_);
  ++counts_.failed;
}

AlertBook::Counts AlertBook::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace tollgate::exchange
