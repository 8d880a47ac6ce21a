#include "drivers/curl/timer_heap.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "support/catch.hpp"

using tollgate::curl_driver::Timer;
using tollgate::curl_driver::TimerHeap;

TEST_CASE("timer heap: the earliest is first, however it came to be so") {
  TimerHeap heap;
  CHECK(heap.first() == nullptr);
  Timer one;
  Timer two;
  Timer three;
  heap.set(two, 20);
  CHECK(heap.first() == &two);
  heap.set(one, 10);
  heap.set(three, 30);
  CHECK(heap.first() == &one);
  heap.set(three, 5);
  CHECK(heap.first() == &three);
  heap.set(three, 40);
  CHECK(heap.first() == &one);
  heap.remove(one);
  CHECK(heap.first() == &two);
  CHECK(one.at_ns == TG_NO_DEADLINE);
  heap.remove(one);
  CHECK(heap.size() == 2);
  heap.remove(two);
  heap.remove(three);
  CHECK(heap.first() == nullptr);
}

TEST_CASE("timer heap: a set timer is found once, and a removed one never") {
  std::mt19937 random(7);
  std::array<Timer, 200> timers;
  TimerHeap heap;
  for (int round = 0; round < 20'000; ++round) {
    Timer& timer = timers[random() % timers.size()];
    if (random() % 3 == 0) {
      heap.remove(timer);
    } else {
      heap.set(timer, random() % 1000);
    }
    uint64_t earliest = TG_NO_DEADLINE;
    size_t set = 0;
    for (const Timer& each : timers) {
      earliest = std::min(earliest, each.at_ns);
      set += each.at_ns == TG_NO_DEADLINE ? 0U : 1U;
    }
    REQUIRE(heap.size() == set);
    REQUIRE((set == 0 ? heap.first() == nullptr : heap.first()->at_ns == earliest));
  }
  std::vector<uint64_t> left;
  while (Timer* first = heap.first()) {
    left.push_back(first->at_ns);
    heap.remove(*first);
  }
  CHECK(left.size() > 50);
  CHECK(std::is_sorted(left.begin(), left.end()));
}
