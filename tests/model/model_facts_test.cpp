#include "model/model_facts.hpp"

#include "support/catch.hpp"

namespace tollgate::model {
namespace {

TEST_CASE("what a configuration says replaces what is known, and nothing else") {
  ModelFacts facts;
  facts.context_window = 200'000;
  facts.images = true;
  facts.efforts = {"low"};
  FactOverrides said;
  said.context_window = 100'000;
  said.takes_sampling = false;
  said.efforts = std::vector<std::string>{};
  apply(said, facts);
  CHECK(facts.context_window == 100'000);
  CHECK(facts.images == true);
  CHECK_FALSE(facts.takes_sampling);
  CHECK(facts.efforts.empty());
}

}  // namespace
}  // namespace tollgate::model
