#include "model/model_facts.hpp"

namespace tollgate::model {

ModelFacts known_facts(std::string_view /*provider*/, std::string_view /*model_id*/) {
  return {};
}

}  // namespace tollgate::model
