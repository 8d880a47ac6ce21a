#include "exchange/cost_bound.hpp"

#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

pricing::Demand demand(const model::RequestFacts& facts, std::string_view body = {},
                       const model::ModelFacts& model = {},
                       const std::vector<providers::MemberEdit>& edits = {}) {
  return demand_of({.facts = facts, .body = body, .model = model, .edits = edits});
}

model::RequestFacts plain() {
  model::RequestFacts facts;
  facts.body_bytes = 1'000;
  facts.max_tokens = 500;
  return facts;
}

TEST_CASE("a prompt has no more tokens than bytes, and an answer no more than asked for") {
  const pricing::Demand one = demand(plain());
  CHECK(one.prompt_tokens == 1'000);
  CHECK(one.output_tokens == 500);
  CHECK(one.web_searches == 0);
  CHECK_FALSE(one.hour_cache);
}

TEST_CASE("a prompt fits its model's window, unless a beta widens it") {
  model::ModelFacts model;
  model.context_window = 800;
  CHECK(demand(plain(), {}, model).prompt_tokens == 800);
  const model::RequestFacts facts = plain();
  const std::vector<providers::MemberEdit> none;
  CHECK(demand_of({.facts = facts, .body = {}, .model = model, .long_context = true, .edits = none})
            .prompt_tokens == 1'000);
}

TEST_CASE("without a maximum an answer is as long as the model can make it") {
  model::RequestFacts facts = plain();
  facts.max_tokens.reset();
  CHECK(demand(facts).output_tokens == kOutputTokensUnknown);
  model::ModelFacts model;
  model.output_tokens_max = 8'192;
  CHECK(demand(facts, {}, model).output_tokens == 8'192);
}

TEST_CASE("tools of the upstream's own read the prompt again for every run") {
  model::RequestFacts facts = plain();
  facts.tool_count = facts.server_tool_count = facts.fixed_tool_count = 1;
  facts.server_tool_uses = 2;
  const int64_t once = 1'000 + 1'000 + 1'500;
  CHECK(demand(facts).prompt_tokens == once * 3 + 2 * kToolResultTokens);
  CHECK(demand(facts).web_searches == 2);
  facts.server_tool_uses = 0;
  facts.unbounded_tool_count = 1;
  CHECK(demand(facts).web_searches == kUnboundedToolUses);
}

TEST_CASE("compaction may cost the request once more") {
  model::RequestFacts facts = plain();
  facts.wants_compaction = true;
  CHECK(demand(facts).prompt_tokens == 2'000);
  CHECK(demand(facts).output_tokens == 1'000);
}

TEST_CASE("an hour's cache is found in any spelling") {
  CHECK(demand(plain(), R"("cache_control":{"type":"ephemeral","ttl":"1h"})").hour_cache);
  CHECK(demand(plain(), R"("ttl":"\u0031h")").hour_cache);
  CHECK(demand(plain(), R"("ttl":"1\u0068")").hour_cache);
  CHECK_FALSE(demand(plain(), R"("ttl":"5m")").hour_cache);
}

TEST_CASE("what the parse said about an hour's cache counts, whatever else the body says") {
  model::RequestFacts facts = plain();
  facts.has_hour = false;
  CHECK_FALSE(demand(facts, R"("text":"it took 1h")").hour_cache);
  CHECK(
      demand(facts, {}, {}, {{"cache_control", R"({"type":"ephemeral","ttl":"1h"})"}}).hour_cache);
  facts.has_hour = true;
  CHECK(demand(facts).hour_cache);
}

TEST_CASE("what the route changes counts, not what the client wrote") {
  model::RequestFacts facts = plain();
  facts.speed = "fast";
  facts.service_tier = "priority";
  facts.inference_geo = "us";
  CHECK(demand(facts).fast);
  CHECK(demand(facts).priority);
  CHECK(demand(facts).us);
  const pricing::Demand changed =
      demand(facts, {}, {},
             {{"max_tokens", "8192"}, {"speed", std::nullopt}, {"service_tier", "\"flex\""}});
  CHECK(changed.output_tokens == 8'192);
  CHECK_FALSE(changed.fast);
  CHECK_FALSE(changed.priority);
}

TEST_CASE("a floor leaves room to think and to answer") {
  model::RequestFacts facts = plain();
  CHECK(output_floor(facts, 4'096) == 4'096);
  facts.thinking_budget = 10'000;
  CHECK(output_floor(facts, 4'096) == 11'024);
}

}  // namespace
}  // namespace tollgate::exchange
