#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.hpp"
#include "model/failure.hpp"
#include "model/lesson.hpp"
#include "model/principal.hpp"
#include "model/request.hpp"
#include "providers/provider.hpp"
#include "record/record.hpp"
#include "router/catalog.hpp"

namespace tollgate::exchange {

/// One place a request could go, in the order in which it would be tried.
struct Candidate {
  router::Target target;
  bool usable = true;
  std::string reason;                             ///< Why not, when it is not usable.
  model::Lessons lessons = {};                    ///< What its upstream taught.
  std::vector<providers::MemberEdit> edits = {};  ///< What the route changes in the body.
};

/// What is decided about a request before any upstream is called: a value, so that explain, tests
/// and the exchange see the same.
struct Decision {
  std::optional<model::Failure> denial;
  std::vector<Candidate> candidates;
  std::vector<record::Step> steps;
};

/// Decides whether this principal may use the model it names, and where the request would go.
Decision decide(const config::Configuration& configuration, const model::Principal& principal,
                const model::RequestFacts& facts);

/// True when the principal may use this integration (its own grants and its account's).
bool may_use_integration(const config::Configuration& configuration,
                         const model::Principal& principal, size_t integration);

/// Model names the principal may use, as it would send them.
std::vector<std::string> usable_models(const config::Configuration& configuration,
                                       const model::Principal& principal);

}  // namespace tollgate::exchange
