#include "exchange/decision.hpp"

#include "support/fake_host.hpp"

namespace tollgate::exchange {
namespace {

Decision decide_for(std::string_view token, std::string_view model) {
  const auto configuration = test::make_gateway()->configuration();
  const identity::Authentication who = configuration->directory.authenticate(token, {});
  REQUIRE(who.verdict == identity::Verdict::kAccepted);
  model::RequestFacts facts;
  facts.model = model;
  return decide(*configuration, *who.principal, facts);
}

TEST_CASE("full and bare names lead to the same target") {
  for (const char* name : {"claude-sonnet-4-5", "anthropic-main/claude-sonnet-4-5"}) {
    const Decision decision = decide_for("token-1", name);
    REQUIRE_FALSE(decision.denial);
    REQUIRE(decision.candidates.size() == 1);
    CHECK(decision.candidates[0].target.name == "anthropic-main/claude-sonnet-4-5");
    CHECK(decision.candidates[0].target.model_id == "claude-sonnet-4-5-20250929");
  }
}

TEST_CASE("an unknown name gets near names the caller may use") {
  const Decision decision = decide_for("token-1", "claude-sonet-4-5");
  REQUIRE(decision.denial);
  CHECK(decision.denial->status == 400);
  CHECK(decision.denial->message.find("claude-sonnet-4-5") != std::string::npos);
}

TEST_CASE("names the caller may not use are never told") {
  for (const char* name : {"claude-secre", "closed-account/claude-secret", "claude-secret"}) {
    CAPTURE(name);
    const Decision decision = decide_for("token-1", name);
    REQUIRE(decision.denial);
    CHECK(decision.denial->status == 400);
    std::string rest = decision.denial->message;
    const size_t echoed = rest.find(name);
    if (echoed != std::string::npos) rest.erase(echoed, std::string_view(name).size());
    CHECK(rest.find("claude-secret") == std::string::npos);
  }
}

TEST_CASE("the text for a forbidden model says what to do") {
  const Decision decision = decide_for("token-1", "claude-secret");
  REQUIRE(decision.denial);
  CHECK(decision.denial->message.find("You may use: claude-sonnet-4-5") != std::string::npos);
  CHECK(decision.denial->message.find("administrator") != std::string::npos);
}

Decision decide_routed(const std::vector<std::string>& targets) {
  const auto configuration = test::routed_configuration(targets);
  const identity::Authentication who = configuration->directory.authenticate("token-1", {});
  model::RequestFacts facts;
  facts.model = "coding";
  return decide(*configuration, *who.principal, facts);
}

TEST_CASE("targets the caller may not use are skipped with that reason") {
  const Decision decision =
      decide_routed({"closed-account/claude-secret", "anthropic-main/claude-same",
                     "anthropic-main/claude-sonnet-4-5"});
  REQUIRE(decision.candidates.size() == 3);
  CHECK(decision.candidates[0].target.name == "anthropic-main/claude-same");
  CHECK(decision.candidates[0].usable);
  CHECK(decision.candidates[1].target.name == "anthropic-main/claude-sonnet-4-5");
  CHECK(decision.candidates[2].target.name == "closed-account/claude-secret");
  CHECK_FALSE(decision.candidates[2].usable);
  CHECK(decision.candidates[2].reason == "no access");
}

TEST_CASE("a route of which nothing may be used is refused as a model is") {
  const Decision decision = decide_routed({"closed-account/claude-secret"});
  REQUIRE(decision.denial);
  CHECK(decision.denial->status == 400);
  CHECK(decision.denial->message.find("claude-secret") == std::string::npos);
}

}  // namespace
}  // namespace tollgate::exchange
