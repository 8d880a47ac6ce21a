#include "exchange/state.hpp"

#include <iterator>
#include <set>
#include <utility>

#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

TEST_CASE("no pair of state and event is listed twice") {
  std::set<std::pair<State, Event>> seen;
  for (const Transition& row : kTransitions) {
    CHECK(seen.insert({row.from, row.event}).second);
  }
}

TEST_CASE("every state is reached, and every state but the last is left") {
  std::set<State> entered = {State::kReadingHead};
  std::set<State> left;
  for (const Transition& row : kTransitions) {
    entered.insert(row.to);
    left.insert(row.from);
  }
  CHECK(entered.size() == kStateCount);
  CHECK(left.size() == kStateCount - 1);
  CHECK(left.count(State::kDone) == 0);
}

TEST_CASE("every pair that is not listed is refused") {
  size_t allowed = 0;
  for (size_t s = 0; s < kStateCount; ++s) {
    for (size_t e = 0; e < kEventCount; ++e) {
      allowed += next_state(static_cast<State>(s), static_cast<Event>(e)).has_value() ? 1U : 0U;
    }
  }
  CHECK(allowed == std::size(kTransitions));
}

}  // namespace
}  // namespace tollgate::exchange
