#include "exchange/decision_book.hpp"

#include <utility>

namespace tollgate::exchange {

void DecisionBook::put(const std::string& decision_id, ServedDecision served) {
  const std::lock_guard lock(mutex_);
  if (young_.size() >= kDecisionsMax / 2) old_ = std::exchange(young_, {});
  young_.insert_or_assign(decision_id, std::move(served));
}

std::optional<ServedDecision> DecisionBook::find(const std::string& decision_id) const {
  const std::lock_guard lock(mutex_);
  for (const Generation* generation : {&young_, &old_}) {
    const auto found = generation->find(decision_id);
    if (found != generation->end()) return found->second;
  }
  return std::nullopt;
}

size_t DecisionBook::size() const {
  const std::lock_guard lock(mutex_);
  return young_.size() + old_.size();
}

}  // namespace tollgate::exchange
