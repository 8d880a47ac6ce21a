#include "router/capability.hpp"

#include "support/catch.hpp"

namespace tollgate::router {
namespace {

model::RequestFacts needs_everything() {
  model::RequestFacts request;
  request.has_images = true;
  request.has_documents = true;
  request.tool_count = 3;
  request.wants_structured_output = true;
  request.wants_thinking = true;
  request.thinking_budget = 2'048;
  request.body_bytes = 40'000;
  return request;
}

TEST_CASE("what is unknown counts as there") {
  CHECK(lack_of(model::ModelFacts(), needs_everything()) == Lack::kNone);
}

TEST_CASE("what is known to be missing matters only to requests that need it") {
  struct Row {
    const char* name;
    void (*take)(model::ModelFacts& facts);
    Lack lack;
  };
  const Row rows[] = {
      {"images", [](model::ModelFacts& facts) { facts.images = false; }, Lack::kImages},
      {"documents", [](model::ModelFacts& facts) { facts.pdf = false; }, Lack::kPdf},
      {"tools", [](model::ModelFacts& facts) { facts.tools = false; }, Lack::kTools},
      {"thinking", [](model::ModelFacts& facts) { facts.thinking = false; }, Lack::kThinking},
      {"schemas", [](model::ModelFacts& facts) { facts.structured_output = false; },
       Lack::kStructuredOutput},
      {"room", [](model::ModelFacts& facts) { facts.context_window = 9'999; }, Lack::kContext},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    model::ModelFacts facts;
    row.take(facts);
    CHECK(lack_of(facts, needs_everything()) == row.lack);
    CHECK(lack_of(facts, model::RequestFacts()) == Lack::kNone);
  }
}

TEST_CASE("a model that may think need not be able to") {
  model::RequestFacts request;
  request.wants_thinking = true;
  model::ModelFacts facts;
  facts.thinking = false;
  CHECK(lack_of(facts, request) == Lack::kNone);
}

TEST_CASE("pictures and files are not counted as text") {
  model::RequestFacts request;
  request.body_bytes = 4'000'000;
  request.binary_bytes = 3'999'000;
  CHECK(least_tokens(request) == 250);
  request.binary_bytes = 5'000'000;
  CHECK(least_tokens(request) == 0);
}

}  // namespace
}  // namespace tollgate::router
