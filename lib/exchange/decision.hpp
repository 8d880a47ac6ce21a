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
#include "router/plan.hpp"
#include "wire/headers.hpp"

namespace tollgate::exchange {

/// One place a request could go, in the order in which it would be tried.
struct Candidate {
  router::Target target;
  bool usable = true;
  std::string reason;  ///< Why not, when it is not usable; else why it stands where it does.
  model::Lessons lessons = {};                    ///< What its upstream taught.
  std::vector<providers::MemberEdit> edits = {};  ///< What the route changes in the body.
  const router::RouteTarget* route = nullptr;     ///< Of the configuration; null without routing.
  bool full = false;                              ///< It had no room when it was asked last.
  bool spent = false;                             ///< It has failed for good.
  bool probe = false;  ///< It is unhealthy, and this request finds out whether it is again.
};

/// What is decided about a request before any upstream is called: a value, so that explain, tests
/// and the exchange see the same.
struct Decision {
  std::optional<model::Failure> denial;
  std::vector<Candidate> candidates;
  std::vector<record::Step> steps;
  std::string virtual_model;  ///< Full name of the virtual model that was asked for, if it is one.

  // Of a routed request:
  const router::Routing* routing = nullptr;  ///< Of the configuration.
  uint64_t pin_key = 0;                      ///< The choice is kept under this; 0: it is not kept.
  std::optional<router::Pin> pin;            ///< What was kept before.
  router::Tier tier = router::Tier::kSimple;
  uint32_t retries_max = 0;  ///< Over all candidates together.
};

/// What of a request, besides its body, decides where it goes. Everything may be absent.
struct RoutingContext {
  const wire::Headers* headers = nullptr;
  const model::Metadata* metadata = nullptr;
  std::string_view session_id = {};
  std::string_view agent_id = {};
  std::optional<bool> has_login = {};    ///< The client sent a login of its own; absent: unknown.
  const router::State* state = nullptr;  ///< Null: nothing is known of any target.
  router::EndpointClass endpoint = router::EndpointClass::kMessages;
  uint64_t draw = 0;
  uint64_t seed = 0;
  Time now = {};
  bool tell_all = false;  ///< Also notes the rules that do not match, for people.
};

/// Decides whether this principal may use the model it names, and where the request would go.
Decision decide(const config::Configuration& configuration, const model::Principal& principal,
                const model::RequestFacts& facts, const RoutingContext& context = {});

/// The refusal of a model that the principal may not use.
model::Failure forbidden_model(const config::Configuration& configuration,
                               const model::Principal& principal, std::string_view model);

/// True when the principal may use this integration (its own grants and its account's).
bool may_use_integration(const config::Configuration& configuration,
                         const model::Principal& principal, size_t integration);
/// The same for a virtual model.
bool may_use_route(const config::Configuration& configuration, const model::Principal& principal,
                   size_t model);

/// Claude Code offers only models whose names begin with "claude" or "anthropic". Other models are
/// listed under this prefix as well, and found under it where nothing else has the name.
inline constexpr std::string_view kAliasPrefix = "anthropic.";
/// True when Claude Code would offer a model of this name.
bool is_offered_name(std::string_view name);

/// Model names the principal may use, as it would send them.
std::vector<std::string> usable_models(const config::Configuration& configuration,
                                       const model::Principal& principal);

}  // namespace tollgate::exchange
