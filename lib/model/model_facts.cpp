#include "model/model_facts.hpp"

namespace tollgate::model {
namespace {

template <typename Fact, typename Said>
void replace(Fact& fact, const std::optional<Said>& said) {
  if (said) fact = *said;
}

}  // namespace

void apply(const FactOverrides& overrides, ModelFacts& facts) {
  replace(facts.context_window, overrides.context_window);
  replace(facts.output_tokens_max, overrides.output_tokens_max);
  replace(facts.output_tokens_min, overrides.output_tokens_min);
  replace(facts.images, overrides.images);
  replace(facts.pdf, overrides.pdf);
  replace(facts.tools, overrides.tools);
  replace(facts.thinking, overrides.thinking);
  replace(facts.structured_output, overrides.structured_output);
  replace(facts.takes_sampling, overrides.takes_sampling);
  replace(facts.takes_stop, overrides.takes_stop);
  replace(facts.takes_parallel_switch, overrides.takes_parallel_switch);
  replace(facts.efforts, overrides.efforts);
  replace(facts.thinks_unasked, overrides.thinks_unasked);
  replace(facts.token_field, overrides.token_field);
  replace(facts.system_role, overrides.system_role);
}

ModelFacts known_facts(std::string_view /*provider*/, std::string_view /*model_id*/) {
  return {};
}

}  // namespace tollgate::model
