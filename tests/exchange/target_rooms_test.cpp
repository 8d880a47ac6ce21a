#include "exchange/target_rooms.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

using Verdict = TargetRooms::Verdict;

constexpr Time kStart{kSecond, 1'795'338'000'000};

Time at(uint64_t span_ns) {
  return {kStart.mono_ns + span_ns, kStart.wall_ms + static_cast<int64_t>(span_ns / kMillisecond)};
}

std::vector<RoomBounds> slots(uint32_t count) {
  router::Protection most;
  most.concurrent_max = count;
  return {{"model a/m", most}};
}

struct Woken {
  std::vector<uint64_t> tokens;

  Waker waker() {
    return {[](uint64_t token, void* user) {
              static_cast<std::vector<uint64_t>*>(user)->push_back(token);
            },
            &tokens, 0};
  }
};

TEST_CASE("so many calls at the same time, and a place comes back when a lease goes") {
  TargetRooms rooms;
  TargetRooms::Entry first = rooms.enter(slots(2), "a/m", 5, 0, 0, kStart);
  TargetRooms::Entry second = rooms.enter(slots(2), "a/m", 5, 0, 0, kStart);
  CHECK(first.verdict == Verdict::kEntered);
  REQUIRE(second.verdict == Verdict::kEntered);
  const TargetRooms::Entry third = rooms.enter(slots(2), "a/m", 5, 0, 0, kStart);
  CHECK(third.verdict == Verdict::kFull);
  CHECK(third.reason == "no room: 2 at the same time");
  CHECK(rooms.open() == 2);
  second.lease->settle(ledger::Outcome{}, kStart);
  CHECK(rooms.enter(slots(2), "a/m", 5, 0, 0, kStart).verdict == Verdict::kEntered);
  first.lease.reset();  // Thrown away, it comes back too.
  CHECK(rooms.enter(slots(2), "a/m", 5, 0, 0, kStart).verdict == Verdict::kEntered);
}

TEST_CASE("holders count apart, and one call may have several") {
  TargetRooms rooms;
  std::vector<RoomBounds> both = slots(1);
  both.push_back({"account a", {.concurrent_max = 2}});
  std::vector<RoomBounds> other = slots(1);
  other[0].holder = "model a/n";
  other.push_back(both[1]);
  const TargetRooms::Entry first = rooms.enter(both, "a/m", 5, 0, 0, kStart);
  const TargetRooms::Entry second = rooms.enter(other, "a/n", 5, 0, 0, kStart);
  REQUIRE(second.verdict == Verdict::kEntered);
  std::vector<RoomBounds> third = both;
  third[0].holder = "model a/o";
  CHECK(rooms.enter(third, "a/o", 5, 0, 0, kStart).reason == "no room: 2 at the same time");
  CHECK(rooms.open() == 2);
}

TEST_CASE("requests and tokens count in the minute before, tokens as they were used in the end") {
  TargetRooms rooms;
  const std::vector<RoomBounds> requests = {{"r", {.requests_per_minute = 2}}};
  for (int i = 0; i < 2; ++i) {
    TargetRooms::Entry entry = rooms.enter(requests, "a/m", 1, 0, 0, at(kSecond * 10));
    REQUIRE(entry.verdict == Verdict::kEntered);
    entry.lease->settle(ledger::Outcome{}, at(kSecond * 11));
  }
  const TargetRooms::Entry full = rooms.enter(requests, "a/m", 1, 0, 0, at(kSecond * 20));
  CHECK(full.verdict == Verdict::kFull);
  CHECK(full.reason == "no room: 2 requests a minute");
  CHECK(full.again_ns > at(kSecond * 60).mono_ns);
  CHECK(full.again_ns <= at(kSecond * 72).mono_ns);
  CHECK(rooms.enter(requests, "a/m", 1, 0, 0, {full.again_ns, 0}).verdict == Verdict::kEntered);

  const std::vector<RoomBounds> tokens = {{"t", {.tokens_per_minute = 100}}};
  TargetRooms::Entry entry = rooms.enter(tokens, "a/m", 10, 0, 0, kStart);
  REQUIRE(entry.verdict == Verdict::kEntered);
  entry.lease->settle(ledger::Outcome{NanoUsd{}, 95}, kStart);
  CHECK(rooms.enter(tokens, "a/m", 5, 0, 0, kStart).verdict == Verdict::kEntered);
  CHECK(rooms.enter(tokens, "a/m", 6, 0, 0, kStart).reason == "no room: 100 tokens a minute");
  CHECK(rooms.enter(tokens, "a/m", 101, 0, 0, kStart).verdict == Verdict::kNever);
}

TEST_CASE("a call that was not made gives its request back") {
  TargetRooms rooms;
  const std::vector<RoomBounds> requests = {{"r", {.requests_per_minute = 1}}};
  TargetRooms::Entry entry = rooms.enter(requests, "a/m", 1, 0, 0, kStart);
  REQUIRE(entry.verdict == Verdict::kEntered);
  entry.lease->release(kStart);
  CHECK(rooms.enter(requests, "a/m", 1, 0, 0, kStart).verdict == Verdict::kEntered);
}

TEST_CASE("the line is first come, first served; nobody passes it, and the next one is woken") {
  TargetRooms rooms;
  Woken woken;
  rooms.set_waker(woken.waker());
  TargetRooms::Entry inside = rooms.enter(slots(1), "a/m", 1, 0, 0, kStart);
  auto first = rooms.stand_in_line("a/m", 101);
  auto second = rooms.stand_in_line("a/m", 102);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(rooms.enter(slots(1), "a/m", 1, first->ticket(), 101, kStart).verdict == Verdict::kFull);
  CHECK(rooms.enter(slots(1), "a/m", 1, second->ticket(), 102, kStart).reason ==
        "no room: others wait for it");
  inside.lease->settle(ledger::Outcome{}, kStart);
  CHECK(woken.tokens == std::vector<uint64_t>{101});
  // A newcomer and the second one stand behind the first one, although there is room.
  CHECK(rooms.enter(slots(1), "a/m", 1, 0, 0, kStart).verdict == Verdict::kFull);
  CHECK(rooms.enter(slots(1), "a/m", 1, second->ticket(), 102, kStart).verdict == Verdict::kFull);
  const TargetRooms::Entry moved = rooms.enter(slots(1), "a/m", 1, first->ticket(), 101, kStart);
  CHECK(moved.verdict == Verdict::kEntered);
  first.reset();
  CHECK(woken.tokens == std::vector<uint64_t>{101, 102});
  second.reset();
  // The line of another target is another line.
  CHECK(rooms.enter(slots(1), "a/m", 1, 0, 0, kStart).reason == "no room: 1 at the same time");
}

TEST_CASE("who gives up in the middle of the line wakes nobody, and the line is bounded") {
  TargetRooms rooms;
  Woken woken;
  rooms.set_waker(woken.waker());
  std::vector<std::unique_ptr<TargetRooms::Place>> line;
  for (size_t i = 0; i < TargetRooms::kInLineMax; ++i)
    line.push_back(rooms.stand_in_line("a/m", i + 1));
  CHECK(line.back() != nullptr);
  CHECK(rooms.stand_in_line("a/m", 9) == nullptr);
  CHECK(rooms.stand_in_line("b/m", 9) != nullptr);
  line[5].reset();
  CHECK(woken.tokens.empty());
  CHECK(rooms.stand_in_line("a/m", 9) != nullptr);
  line[0].reset();
  CHECK(woken.tokens == std::vector<uint64_t>{2});
}

}  // namespace
}  // namespace tollgate::exchange
