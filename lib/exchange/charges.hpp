#pragma once

#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "ledger/charge.hpp"
#include "policy/rule_set.hpp"

namespace tollgate::exchange {

/// What an attempt needs of the counters it goes through.
struct Needs {
  int64_t nano_usd = 0;
  int64_t tokens = 0;
  /// What rules with `admission: estimate` are asked for instead; negative: the same.
  int64_t expected_nano_usd = -1;
  int64_t expected_tokens = -1;
};

/// Which of a rule's limits are taken at a step of admission.
enum class Take : uint8_t {
  kOnce,   ///< Requests and slots: once for the client's request.
  kSpend,  ///< Money and tokens: for each attempt.
  kAll     ///< Of rules about targets: for each attempt.
};

/// The counters of one admission, each with the rule it comes from.
struct ChargeList {
  std::vector<ledger::Charge> charges;
  std::vector<const policy::Match*> origins;  ///< Beside `charges`.

  void clear() {
    charges.clear();
    origins.clear();
  }
  /// True when some rule is content with what the request probably costs.
  bool any_estimate() const;
  /// True when some money counter that has a say reserves the whole bound.
  bool any_strict_money() const;
  /// The matches outlive the list.
  void add(const policy::Matches& matches, Take take, const Needs& needs, Time now);
};

}  // namespace tollgate::exchange
