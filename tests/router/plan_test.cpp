#include "router/plan.hpp"

#include <cmath>
#include <map>

#include "router/routing_support.hpp"
#include "support/catch.hpp"

namespace tollgate::router {
namespace {

/// How often each target comes first when one field of the request counts from 1 to `draws`.
std::map<uint32_t, int> firsts(const Routing& routing, uint64_t Asked::*field, int draws) {
  std::map<uint32_t, int> counts;
  Asked asked;
  for (int i = 1; i <= draws; ++i) {
    asked.*field = mix64(static_cast<uint64_t>(i));
    ++counts[asked.plan(routing).order.at(0).index];
  }
  return counts;
}

/// Four standard deviations of a binomial share.
int bound(int draws, double share) {
  return static_cast<int>(4 * std::sqrt(draws * share * (1 - share))) + 1;
}

TEST_CASE("weights are proportions of conversations, whatever they add up to") {
  struct Row {
    const char* name;
    std::vector<uint32_t> weights;
  };
  constexpr int kDraws = 20'000;
  for (const Row& row : {Row{"95 to 5", {95, 5}}, Row{"thirds", {1, 1, 1}},
                         Row{"3 to 1 to 0", {3, 1, 0}}, Row{"over 100", {300, 100}}}) {
    for (const auto field : {&Asked::conversation, &Asked::draw, &Asked::seed}) {
      CAPTURE(row.name);
      Routing routing = make_routing(Strategy::kWeight, row.weights.size());
      uint32_t sum = 0;
      for (size_t i = 0; i < row.weights.size(); ++i) {
        routing.targets[i].weight = row.weights[i];
        sum += row.weights[i];
      }
      auto counts = firsts(routing, field, kDraws);
      for (uint32_t i = 0; i < row.weights.size(); ++i) {
        const double share = static_cast<double>(row.weights[i]) / sum;
        CHECK(std::abs(counts[i] - kDraws * share) <= bound(kDraws, share));
      }
    }
  }
}

TEST_CASE("all requests of a conversation get the same order, those of affinity: request do not") {
  Routing routing = make_routing(Strategy::kWeight, 4);
  Asked asked;
  asked.conversation = 77;
  const std::string first = order_of(asked.plan(routing));
  bool moved = false;
  for (uint64_t draw = 1; draw < 50; ++draw) {
    asked.draw = draw;
    CHECK(order_of(asked.plan(routing)) == first);
    routing.affinity = Affinity::kRequest;
    moved = moved || order_of(asked.plan(routing)) != first;
    routing.affinity = Affinity::kConversation;
  }
  CHECK(moved);
}

TEST_CASE("a target that leaves moves only its own conversations") {
  const Routing four = make_routing(Strategy::kWeight, 4);
  Routing three = four;
  three.targets.pop_back();
  Asked asked;
  for (uint64_t conversation = 1; conversation < 2'000; ++conversation) {
    asked.conversation = mix64(conversation);
    const uint32_t before = asked.plan(four).order.at(0).index;
    if (before != 3) CHECK(asked.plan(three).order.at(0).index == before);
  }
}

TEST_CASE("priorities count before anything else, and equal ones share") {
  Routing routing = make_routing(Strategy::kPriority, 4);
  Asked asked;
  CHECK(order_of(asked.plan(routing)) == "0 1 2 3");
  routing.targets[0].priority = 9;
  CHECK(order_of(asked.plan(routing)) == "1 2 3 0");
  routing.targets[2].priority = 1;
  constexpr int kDraws = 4'000;
  auto counts = firsts(routing, &Asked::conversation, kDraws);
  CHECK(std::abs(counts[1] - kDraws / 2) <= bound(kDraws, 0.5));
  CHECK(counts[1] + counts[2] == kDraws);
}

TEST_CASE("unhealthy targets move to the end, and one probe at a time to their place") {
  const Routing routing = make_routing(Strategy::kPriority, 3);
  Surroundings around = healthy(routing);
  around.targets[0].healthy = false;
  around.targets[0].failures = 2;
  const Asked asked;
  const Plan down = asked.plan(routing, around);
  CHECK(order_of(down) == "1 2 0");
  CHECK(down.order[2].why == Why::kUnhealthy);
  around.targets[0].probe = true;
  const Plan probed = asked.plan(routing, around);
  CHECK(order_of(probed) == "0 1 2");
  CHECK(probed.order[0].why == Why::kProbe);
  around.targets[0].probe = false;
  around.targets[1].healthy = false;
  around.targets[2].healthy = false;
  CHECK(order_of(asked.plan(routing, around)) == "0 1 2");
}

TEST_CASE("an average above sla_cutoff counts as unhealthy from three samples on") {
  struct Row {
    const char* name;
    Latency recent;
    const char* order;
  };
  for (const Row& row :
       {Row{"fast", {5, 900 * kMillisecond, 20 * kMillisecond}, "0 1"},
        Row{"slow to begin", {3, 1'100 * kMillisecond, 20 * kMillisecond}, "1 0"},
        Row{"slow to go on", {3, 900 * kMillisecond, 60 * kMillisecond}, "1 0"},
        Row{"too few samples", {2, 9'000 * kMillisecond, 60 * kMillisecond}, "0 1"}}) {
    CAPTURE(row.name);
    Routing routing = make_routing(Strategy::kPriority, 2);
    routing.targets[0].sla = {kSecond, 50 * kMillisecond};
    Surroundings around = healthy(routing);
    around.targets[0].recent = row.recent;
    CHECK(order_of(Asked().plan(routing, around)) == row.order);
  }
}

TEST_CASE("faster targets win more callers, and a caller keeps its target for an epoch") {
  const Routing routing = make_routing(Strategy::kLatency, 3);
  Surroundings around = healthy(routing);
  around.targets[0].usual = {10, 500 * kMillisecond, 10 * kMillisecond};
  around.targets[1].usual = {10, 510 * kMillisecond, 11 * kMillisecond};  // Nearly as fast.
  around.targets[2].usual = {10, 900 * kMillisecond, 40 * kMillisecond};
  std::map<uint32_t, int> counts;
  Asked asked;
  constexpr int kCallers = 6'000;
  for (uint64_t caller = 1; caller <= kCallers; ++caller) {
    asked.caller = mix64(caller);
    const uint32_t first = asked.plan(routing, around).order.at(0).index;
    ++counts[first];
    asked.draw = caller;
    CHECK(asked.plan(routing, around).order.at(0).index == first);
  }
  CHECK(std::abs(counts[0] - counts[1]) <= 2 * bound(kCallers, 0.5));
  CHECK(counts[2] * 10 < counts[0]);
  int moved = 0;
  for (uint64_t caller = 1; caller <= 200; ++caller) {
    asked.caller = mix64(caller);
    asked.now.wall_ms = 1'795'338'000'000;
    const uint32_t first = asked.plan(routing, around).order.at(0).index;
    asked.now.wall_ms += 600'000;
    moved += asked.plan(routing, around).order.at(0).index != first ? 1 : 0;
  }
  CHECK(moved > 20);
}

TEST_CASE("a target nobody has measured yet counts as fast") {
  const Routing routing = make_routing(Strategy::kLatency, 2);
  Surroundings around = healthy(routing);
  around.targets[0].usual = {10, 500 * kMillisecond, 10 * kMillisecond};
  auto asked = Asked();
  int fresh = 0;
  for (uint64_t caller = 1; caller <= 1'000; ++caller) {
    asked.caller = mix64(caller);
    fresh += asked.plan(routing, around).order.at(0).index == 1 ? 1 : 0;
  }
  CHECK(std::abs(fresh - 500) <= bound(1'000, 0.5));
}

TEST_CASE("a pinned conversation stays while its target is healthy") {
  const Routing routing = make_routing(Strategy::kWeight, 3);
  Surroundings around = healthy(routing);
  Asked asked;
  for (uint32_t pinned = 0; pinned < 3; ++pinned) {
    around.pin = Pin{routing.targets[pinned].key, kNoDeadline, Tier::kSimple, 0};
    const Plan plan = asked.plan(routing, around);
    CHECK(plan.order[0].index == pinned);
    CHECK(plan.order[0].why == Why::kPinned);
  }
  around.targets[2].healthy = false;
  CHECK(asked.plan(routing, around).order[2].index == 2);
}

TEST_CASE("with priorities a pin decides only among equals") {
  Routing routing = make_routing(Strategy::kPriority, 3);
  routing.targets[1].priority = 0;
  Surroundings around = healthy(routing);
  around.pin = Pin{routing.targets[2].key, kNoDeadline, Tier::kSimple, 0};
  CHECK(Asked().plan(routing, around).order[0].index != 2);
  around.pin = Pin{routing.targets[1].key, kNoDeadline, Tier::kSimple, 0};
  CHECK(Asked().plan(routing, around).order[0].index == 1);
}

TEST_CASE("complexity picks the tier, then a stronger one, and never lowers a conversation's") {
  Routing routing = make_routing(Strategy::kComplexity, 3);
  routing.targets[0].tier = Tier::kSimple;
  routing.targets[1].tier = Tier::kMedium;
  routing.targets[2].tier = Tier::kComplex;
  Surroundings around = healthy(routing);
  Asked asked;
  CHECK(order_of(asked.plan(routing, around)) == "0 1 2");
  asked.facts.last_message_bytes = 2'000;
  CHECK(order_of(asked.plan(routing, around)) == "1 2 0");
  asked.facts.text_bytes = 200'000;
  asked.facts.wants_thinking = true;
  CHECK(order_of(asked.plan(routing, around)) == "2 1 0");
  asked.facts = {};
  around.pin = Pin{routing.targets[1].key, kNoDeadline, Tier::kMedium, 0};
  CHECK(order_of(asked.plan(routing, around)) == "1 2 0");
}

struct FilterCase {
  const char* name;
  void (*change)(RouteTarget& target, Asked& asked);
  Why why;
};

const FilterCase kFilters[] = {
    {"images",
     [](RouteTarget& target, Asked& asked) {
       target.facts.images = false;
       asked.facts.has_images = true;
     },
     Why::kImages},
    {"documents",
     [](RouteTarget& target, Asked& asked) {
       target.facts.pdf = false;
       asked.facts.has_documents = true;
     },
     Why::kPdf},
    {"tools",
     [](RouteTarget& target, Asked& asked) {
       target.facts.tools = false;
       asked.facts.tool_count = 1;
     },
     Why::kTools},
    {"thinking",
     [](RouteTarget& target, Asked& asked) {
       target.facts.thinking = false;
       asked.facts.thinking_budget = 2'048;
     },
     Why::kThinking},
    {"structured output",
     [](RouteTarget& target, Asked& asked) {
       target.facts.structured_output = false;
       asked.facts.wants_structured_output = true;
     },
     Why::kStructuredOutput},
    {"context",
     [](RouteTarget& target, Asked& asked) {
       target.facts.context_window = 1'000;
       asked.facts.body_bytes = 5'000;
     },
     Why::kContext},
    {"metadata",
     [](RouteTarget& target, Asked& asked) {
       target.metadata_match = {{"region", "eu"}};
       asked.metadata = {{"region", "us"}};
     },
     Why::kMetadata},
};

TEST_CASE("a target that cannot serve the request is skipped with its reason") {
  for (const FilterCase& row : kFilters) {
    CAPTURE(row.name);
    Routing routing = make_routing(Strategy::kPriority, 2);
    Asked asked;
    row.change(routing.targets[0], asked);
    const Plan plan = asked.plan(routing);
    CHECK(order_of(plan) == "1 (0)");
    CHECK(plan.order[1].why == row.why);
    CHECK_FALSE(why_text(row.why, routing.targets[0], {}, asked.now).empty());
    asked.facts = {};
    asked.metadata = {{"region", "eu"}, {"team", "a"}};
    CHECK(order_of(asked.plan(routing)) == "0 1");
  }
}

TEST_CASE("where no target has thinking, the request goes without") {
  Routing routing = make_routing(Strategy::kPriority, 2);
  for (RouteTarget& target : routing.targets)
    target.facts.thinking = false;
  Asked asked;
  asked.facts.thinking_budget = 2'048;
  CHECK(order_of(asked.plan(routing)) == "0 1");
}

TEST_CASE("a target that is no fallback candidate is tried first or not at all") {
  Routing routing = make_routing(Strategy::kPriority, 3);
  routing.targets[0].fallback_candidate = false;
  CHECK(order_of(Asked().plan(routing)) == "0 1 2");
  Surroundings around = healthy(routing);
  around.targets[0].healthy = false;
  CHECK(order_of(Asked().plan(routing, around)) == "1 2 (0)");
}

TEST_CASE("sticky sessions draw anew when their time is over") {
  Routing routing = make_routing(Strategy::kWeight, 8);
  routing.sticky = Sticky{60 * kSecond, {}};
  Asked asked;
  asked.session = 5;
  const std::string first = order_of(asked.plan(routing));
  asked.conversation = 9;
  asked.draw = 9;
  CHECK(order_of(asked.plan(routing)) == first);
  bool moved = false;
  for (int minute = 1; minute < 20; ++minute) {
    asked.now.wall_ms += 60'000;
    moved = moved || order_of(asked.plan(routing)) != first;
  }
  CHECK(moved);
  CHECK(pin_key(routing, asked.request()) != 0);
}

}  // namespace
}  // namespace tollgate::router
