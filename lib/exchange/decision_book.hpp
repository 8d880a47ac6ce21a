#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace tollgate::exchange {

/// What a decision came to, for feedback that arrives later.
struct ServedDecision {
  std::string model;
  std::string target;
  std::string principal;  ///< Who asked; nobody else may judge the answer.
};

/// The last decisions by id. Bounded: of two generations the older one is forgotten when the
/// younger is full. Safe from many threads.
class DecisionBook {
 public:
  static constexpr size_t kDecisionsMax = 50'000;

  void put(const std::string& decision_id, ServedDecision served);
  std::optional<ServedDecision> find(const std::string& decision_id) const;
  size_t size() const;

 private:
  using Generation = std::unordered_map<std::string, ServedDecision>;

  mutable std::mutex mutex_;
  Generation young_;
  Generation old_;
};

}  // namespace tollgate::exchange
