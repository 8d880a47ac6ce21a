// Every sequence of a few operations, compared after each with the ledger on paper: two scopes,
// three reservations that overlap in them, and every way to resolve each, late and twice included.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "reference.hpp"
#include "support/catch.hpp"

namespace tollgate::ledger {

namespace {

constexpr uint64_t kExpiresAt = 10;

struct Plan {
  std::vector<std::string> scopes;
  int64_t amount;
  uint64_t expires;
};

// "a" holds 10 and "b" holds 8: the first two fit beside each other in neither, and the third fits
// into what any one of them leaves.
const std::array<Plan, 3> kPlans = {{
    {{"a", "b"}, 6, kNoDeadline},
    {{"b", "a", "b"}, 5, kExpiresAt},
    {{"a"}, 3, kExpiresAt},
}};

enum class Op : uint8_t {
  kAdmit0,
  kAdmit1,
  kAdmit2,
  kSettleLess0,
  kSettleLess1,
  kSettleLess2,
  kSettleMore0,
  kSettleMore1,
  kSettleMore2,
  kRelease0,
  kRelease1,
  kRelease2,
  kPassExpiry,
  kLowerLimit,
};
constexpr size_t kOpCount = 14;
constexpr size_t kLength = 6;
using Sequence = std::array<Op, kLength>;

/// One run of the real ledger beside the one on paper.
class Run {
 public:
  Run() {
    set_limit("a", 10);
    set_limit("b", 8);
  }

  /// False for what is done already or too early: nothing would happen.
  bool means_something(Op op) const {
    const auto number = static_cast<size_t>(op);
    if (op <= Op::kAdmit2) return ids_[number] == 0;
    if (op <= Op::kRelease2) return ids_[number % 3] != 0;
    if (op == Op::kPassExpiry) return now_ == 0;
    return !lowered_;
  }

  /// Performs one operation on both; false when they differ or an invariant breaks.
  bool perform(Op op) {
    const auto number = static_cast<size_t>(op);
    bool same = true;
    if (op <= Op::kAdmit2) {
      same = admit(number);
    } else if (op <= Op::kSettleLess2) {
      same = settle(number - 3, -2);
    } else if (op <= Op::kSettleMore2) {
      same = settle(number - 6, +2);
    } else if (op <= Op::kRelease2) {
      same = release(number - 9);
    } else if (op == Op::kPassExpiry) {
      now_ = kExpiresAt;
    } else {
      lowered_ = true;
      set_limit("a", 4);
    }
    reference_.expire(now_);
    return same && limits_taken_ && books_agree("a") && books_agree("b");
  }

 private:
  void set_limit(const std::string& scope, int64_t limit) {
    limits_taken_ = ledger_.set_limit(scope, limit).ok() && limits_taken_;
    reference_.set_limit(scope, limit);
  }

  Time now() const { return Time{now_, 0}; }

  bool admit(size_t which) {
    const Plan& plan = kPlans[which];
    const std::vector<std::string_view> scopes(plan.scopes.begin(), plan.scopes.end());
    const auto admission = ledger_.admit({scopes, NanoUsd{plan.amount}, plan.expires}, now());
    reference_.expire(now_);
    std::string scope;
    const Verdict expected = reference_.judge(plan.scopes, plan.amount, scope);
    if (!admission.ok() || admission.value().verdict != expected) return false;
    if (expected != Verdict::kAdmitted) return admission.value().scope == scope;
    ids_[which] = admission.value().reservation;
    reference_.admit(ids_[which], plan.scopes, plan.amount, plan.expires);
    return no_overspend("a", plan) && no_overspend("b", plan);
  }

  bool settle(size_t which, int64_t beside) {
    const int64_t cost = kPlans[which].amount + beside;
    const Status status = ledger_.settle(ids_[which], NanoUsd{cost}, now());
    return same_resolution(which, cost, status);
  }

  bool release(size_t which) {
    return same_resolution(which, 0, ledger_.release(ids_[which], now()));
  }

  /// "exactly-once": what the paper says was resolved or has expired is refused.
  bool same_resolution(size_t which, int64_t cost, const Status& status) {
    reference_.expire(now_);
    const bool resolved = reference_.resolve(ids_[which], cost);
    return status.code() == (resolved ? Code::kOk : Code::kState);
  }

  bool no_overspend(const std::string& scope, const Plan& plan) {
    const bool concerned = std::count(plan.scopes.begin(), plan.scopes.end(), scope) > 0;
    const Balance balance = ledger_.balance(scope, now());
    return !concerned || balance.spent() + balance.reserved <= balance.limit;
  }

  bool books_agree(const std::string& scope) {
    const Balance real = ledger_.balance(scope, now());
    const Balance paper = reference_.balance(scope);
    return real.limit == paper.limit && real.settled == paper.settled &&
           real.reserved == paper.reserved && real.overrun == paper.overrun &&
           ledger_.open_reservations() == reference_.open_count();
  }

  Ledger ledger_;
  test::ReferenceLedger reference_;
  std::array<uint64_t, 3> ids_{};
  uint64_t now_ = 0;
  bool lowered_ = false;
  bool limits_taken_ = true;
};

/// The next sequence that differs at `position` or before it; false after the last.
bool advance(Sequence& sequence, size_t position) {
  std::fill(sequence.begin() + static_cast<ptrdiff_t>(position) + 1, sequence.end(), Op{});
  for (size_t i = position + 1; i > 0; --i) {
    const size_t next = static_cast<size_t>(sequence[i - 1]) + 1;
    sequence[i - 1] = static_cast<Op>(next % kOpCount);
    if (next < kOpCount) return true;
  }
  return false;
}

std::string text_of(const Sequence& sequence, size_t length) {
  std::string text;
  for (size_t i = 0; i < length; ++i)
    text += std::to_string(static_cast<int>(sequence[i])) + " ";
  return text;
}

}  // namespace

TEST_CASE("every sequence of operations agrees with the ledger on paper") {
  Sequence sequence{};
  size_t complete = 0;
  size_t position = 0;
  do {
    Run run;
    position = 0;
    while (position < kLength && run.means_something(sequence[position])) {
      if (!run.perform(sequence[position])) {
        FAIL("went wrong at the end of " << text_of(sequence, position + 1));
      }
      ++position;
    }
    // A step that can change nothing is skipped with all that would follow it.
    complete += position == kLength ? 1 : 0;
    position = std::min(position, kLength - 1);
  } while (advance(sequence, position));
  CHECK(complete > 50'000);
}

}  // namespace tollgate::ledger
