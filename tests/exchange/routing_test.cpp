#include "exchange/routing.hpp"

#include <set>
#include <string>

#include "exchange/routed_host.hpp"

namespace tollgate::exchange {
namespace {

/// A decision about "coding" with what a test says of the request.
struct Scene {
  explicit Scene(std::string_view routing) : gateway(test::routed_gateway(routing)) {}

  Decision decide() {
    context.headers = &headers;
    context.metadata = &metadata;
    facts.model = "coding";
    const auto configuration = gateway->configuration();
    const auto who = configuration->directory.authenticate("token-1", {});
    return exchange::decide(*configuration, *who.principal, facts, context);
  }

  std::shared_ptr<gateway::Gateway> gateway;
  wire::Headers headers;
  model::Metadata metadata;
  model::RequestFacts facts;
  RoutingContext context;
};

constexpr std::string_view kSticky =
    "  type: weight-based-routing\n"
    "  sticky_routing: {ttl_seconds: 600, session_identifiers: [{source: headers, key: x-session}, "
    "{source: metadata, key: project}]}\n"
    "  load_balance_targets:\n"
    "    - {target: one/m, weight: 40}\n    - {target: two/m, weight: 40}\n"
    "    - {target: six/m, weight: 20}\n";

TEST_CASE("a sticky session is a set of header and metadata values") {
  Scene scene(kSticky);
  REQUIRE(scene.headers.add("x-session", "a").ok());
  scene.metadata = {{"project", "p"}};
  const Decision first = scene.decide();
  REQUIRE(first.pin_key != 0);
  for (uint64_t draw = 1; draw < 20; ++draw) {
    scene.context.draw = draw;
    CHECK(scene.decide().pin_key == first.pin_key);
    CHECK(scene.decide().candidates[0].target.name == first.candidates[0].target.name);
  }
  std::set<uint64_t> keys = {first.pin_key};
  scene.metadata = {{"project", "q"}};
  keys.insert(scene.decide().pin_key);
  scene.metadata.clear();
  keys.insert(scene.decide().pin_key);
  scene.headers.clear();
  scene.metadata = {{"project", "a"}};
  keys.insert(scene.decide().pin_key);
  CHECK(keys.size() == 4);
  scene.metadata.clear();
  CHECK(scene.decide().pin_key == 0);
}

TEST_CASE("a conversation is a session and an agent") {
  Scene scene(
      "  type: weight-based-routing\n  load_balance_targets:\n"
      "    - {target: one/m, weight: 50}\n    - {target: two/m, weight: 50}\n");
  CHECK(scene.decide().pin_key == 0);
  scene.context.session_id = "s";
  const uint64_t main = scene.decide().pin_key;
  CHECK(main != 0);
  scene.context.agent_id = "explorer";
  CHECK(scene.decide().pin_key != main);
}

TEST_CASE("the decision names its strategy, its rule and a request's tier") {
  Scene scene(
      "  type: complexity-based-routing\n  load_balance_targets:\n"
      "    - {target: one/m, tier: simple}\n    - {target: two/m, tier: complex}\n");
  scene.facts.last_message_bytes = 10'000;
  scene.facts.text_bytes = 1'000'000;
  const Decision decision = scene.decide();
  CHECK(decision.candidates.at(0).target.name == "two/m");
  std::string steps;
  for (const record::Step& step : decision.steps)
    steps += step.rule + ":" + step.verdict + ":" + step.reason + ";";
  CHECK(steps ==
        "route:allowed:coding;strategy:allowed:complexity-based-routing;"
        "complexity:complex:score 50;");
}

TEST_CASE("where the client has no login, accounts that need one are left out") {
  Scene scene(
      "  type: priority-based-routing\n  load_balance_targets:\n"
      "    - {target: own/m, priority: 0}\n    - {target: one/m, priority: 1}\n");
  scene.context.has_login = false;
  const Decision without = scene.decide();
  CHECK_FALSE(without.candidates[0].usable);
  CHECK(without.candidates[1].usable);
  scene.context.has_login = true;
  const Decision with = scene.decide();
  CHECK(with.candidates[0].usable);
  CHECK_FALSE(with.candidates[1].usable);
}

TEST_CASE("a request nobody can serve is told why") {
  Scene scene(
      "  type: priority-based-routing\n  load_balance_targets:\n"
      "    - {target: one/m, metadata_match: {zone: north}}\n");
  const Decision decision = scene.decide();
  REQUIRE(decision.denial);
  CHECK(decision.denial->status == 400);
  CHECK(decision.denial->message ==
        "No target of the model \"coding\" can serve this request: one/m (metadata does not match "
        "zone=north).");
}

}  // namespace
}  // namespace tollgate::exchange
