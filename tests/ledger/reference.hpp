#pragma once

// The ledger as one would write it on paper: a list of every reservation ever made, and sums taken
// over it anew for each question. Slow, and obviously right.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "ledger/ledger.hpp"

namespace tollgate::test {

class ReferenceLedger {
 public:
  using Verdict = ledger::Verdict;
  using Balance = ledger::Balance;

  void set_limit(const std::string& scope, int64_t limit) { limits_[scope] = limit; }

  Balance balance(const std::string& scope) const {
    Balance sum;
    if (const auto found = limits_.find(scope); found != limits_.end()) sum.limit = found->second;
    for (const Entry& entry : entries_) {
      if (std::count(entry.scopes.begin(), entry.scopes.end(), scope) == 0) continue;
      if (entry.open) {
        sum.reserved += entry.amount;
      } else {
        sum.settled += std::min(entry.cost, entry.amount);
        sum.overrun += std::max<int64_t>(entry.cost - entry.amount, 0);
      }
    }
    return sum;
  }

  /// The verdict, and the scope it is about.
  Verdict judge(const std::vector<std::string>& scopes, int64_t amount, std::string& scope) const {
    for (const std::string& name : scopes) {
      const Balance now = balance(name);
      if (now.limit == ledger::kUnlimited) continue;
      scope = name;
      if (now.settled + now.overrun + amount > now.limit) return Verdict::kRefused;
    }
    for (const std::string& name : scopes) {
      const Balance now = balance(name);
      if (now.limit == ledger::kUnlimited) continue;
      scope = name;
      if (now.settled + now.overrun + now.reserved + amount > now.limit) return Verdict::kWait;
    }
    scope.clear();
    return Verdict::kAdmitted;
  }

  void admit(uint64_t id, const std::vector<std::string>& scopes, int64_t amount,
             uint64_t expires) {
    entries_.push_back(Entry{id, scopes, amount, expires, true, 0});
  }

  /// False when it is not open.
  bool resolve(uint64_t id, int64_t cost) {
    for (Entry& entry : entries_) {
      if (entry.id != id || !entry.open) continue;
      entry.open = false;
      entry.cost = cost;
      return true;
    }
    return false;
  }

  void expire(uint64_t now) {
    for (Entry& entry : entries_) {
      if (entry.open && entry.expires != kNoDeadline && entry.expires <= now) {
        entry.open = false;
        entry.cost = entry.amount;
      }
    }
  }

  size_t open_count() const {
    return static_cast<size_t>(std::count_if(entries_.begin(), entries_.end(),
                                             [](const Entry& entry) { return entry.open; }));
  }

 private:
  struct Entry {
    uint64_t id;
    std::vector<std::string> scopes;
    int64_t amount;
    uint64_t expires;
    bool open;
    int64_t cost;
  };

  std::map<std::string, int64_t> limits_;
  std::vector<Entry> entries_;
};

}  // namespace tollgate::test
