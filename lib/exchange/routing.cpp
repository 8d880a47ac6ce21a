#include "exchange/routing.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "exchange/failures.hpp"
#include "policy/access.hpp"
#include "router/capability.hpp"
#include "router/hash.hpp"

namespace tollgate::exchange {
namespace {

constexpr std::string_view kOwnLogin = "a login of the client's own stays with its account";
// Enough for a short overload; a client that retries ten times must not wait ten times as long.
constexpr uint32_t kRetriesMax = 4;
// Claude Code's metadata.user_id is a small JSON object; what is longer is nobody's session.
constexpr size_t kUserIdBytesMax = 4096;

bool has_pair(const model::Metadata* metadata, const std::pair<std::string, std::string>& pair) {
  return metadata != nullptr &&
         std::find(metadata->begin(), metadata->end(), pair) != metadata->end();
}

bool names_model(const std::vector<std::string>& models, std::string_view requested,
                 std::string_view full_name) {
  if (models.empty()) return true;
  return std::any_of(models.begin(), models.end(), [&](const std::string& name) {
    return name == "*" || name == requested || name == full_name;
  });
}

bool names_subject(const std::vector<std::string>& subjects, const model::Principal& principal) {
  if (subjects.empty()) return true;
  return std::any_of(subjects.begin(), subjects.end(), [&](const std::string& subject) {
    return policy::matches_subject(subject, principal);
  });
}

/// The values of a sticky session's identifiers as one number; 0 when none was sent.
uint64_t session_of(const router::Sticky& sticky, const RoutingContext& context) {
  uint64_t session = 0;
  for (const router::SessionIdentifier& identifier : sticky.identifiers) {
    std::optional<std::string_view> value;
    if (identifier.source == router::SessionIdentifier::Source::kHeaders) {
      if (context.headers != nullptr) value = context.headers->get(identifier.key);
    } else if (context.metadata != nullptr) {
      for (const auto& [key, text] : *context.metadata) {
        if (key == identifier.key) value = text;
      }
    }
    if (!value) continue;
    const uint64_t named = router::hash_text(*value, router::hash_text(identifier.key));
    session = router::hash_pair(session + 1, named);
  }
  return session;
}

uint64_t conversation_of(const RoutingContext& context) {
  if (context.session_id.empty()) return 0;
  return router::hash_pair(router::hash_text(context.session_id),
                           router::hash_text(context.agent_id));
}

std::vector<providers::MemberEdit> edits_of(const router::RouteTarget& target) {
  std::vector<providers::MemberEdit> edits;
  edits.reserve(target.override_params.size());
  for (const router::OverrideParam& param : target.override_params)
    edits.push_back({param.key, param.json});
  return edits;
}

providers::AuthKind auth_of(const config::Configuration& configuration,
                            const Candidate& candidate) {
  const router::Integration& integration =
      configuration.catalog.integrations()[candidate.target.integration];
  return configuration.accounts[integration.account].auth;
}

uint32_t account_of(const config::Configuration& configuration, const Candidate& candidate) {
  return configuration.catalog.integrations()[candidate.target.integration].account;
}

/// A request that begins at an account which passes the client's login on ends there too: another
/// account is another person's bill.
void keep_logins(const config::Configuration& configuration, const RoutingContext& context,
                 std::vector<Candidate>& candidates) {
  if (context.has_login == false) {
    for (Candidate& candidate : candidates) {
      if (!candidate.usable) continue;
      if (auth_of(configuration, candidate) != providers::AuthKind::kClientPassThrough) continue;
      candidate.usable = false;
      candidate.reason = "its account needs a login of the client's own";
    }
  }
  const auto first = std::find_if(candidates.begin(), candidates.end(),
                                  [](const Candidate& candidate) { return candidate.usable; });
  if (first == candidates.end()) return;
  if (auth_of(configuration, *first) != providers::AuthKind::kClientPassThrough) return;
  const uint32_t account = account_of(configuration, *first);
  for (Candidate& candidate : candidates) {
    if (!candidate.usable || account_of(configuration, candidate) == account) continue;
    candidate.usable = false;
    candidate.reason = kOwnLogin;
  }
}

/// Why no target can serve, without those that the caller must not hear of.
model::Failure nobody_can_serve(const model::RequestFacts& facts, const router::Plan& plan,
                                const router::Routing& routing,
                                const std::vector<Candidate>& candidates) {
  int64_t window = 0;
  bool only_context = true;
  std::string list;
  for (size_t i = 0; i < plan.order.size(); ++i) {
    const router::Planned& planned = plan.order[i];
    if (planned.why == router::Why::kNoAccess) continue;
    only_context = only_context && planned.why == router::Why::kContext;
    window = std::max(window, routing.targets[planned.index].facts.context_window);
    if (!list.empty()) list += "; ";
    list += candidates[i].target.name + " (" + candidates[i].reason + ")";
  }
  if (only_context && window > 0) {
    // These words make Claude Code compact the conversation.
    return invalid_request("prompt is too long: " + std::to_string(router::least_tokens(facts)) +
                           " tokens > " + std::to_string(window) + " maximum");
  }
  return invalid_request("No target of the model \"" + facts.model +
                         "\" can serve this request: " + list + ".");
}

void note_plan(const router::Plan& plan, const router::Routing& routing, Decision& decision) {
  decision.steps.push_back(
      {"strategy", "allowed", std::string(router::strategy_name(routing.strategy))});
  if (routing.strategy == router::Strategy::kComplexity) {
    decision.steps.push_back({"complexity", std::string(router::tier_name(plan.tier)),
                              "score " + std::to_string(plan.score)});
  }
}

uint32_t retries_of(const std::vector<Candidate>& candidates) {
  uint32_t configured = 0;
  for (const Candidate& candidate : candidates) {
    if (candidate.usable && candidate.route != nullptr && candidate.route->retry.configured) {
      configured += candidate.route->retry.attempts;
    }
  }
  return std::max(kRetriesMax, configured);
}

}  // namespace

std::string session_of_user(DocumentPool& documents, std::string_view user_id) {
  if (user_id.empty() || user_id.size() > kUserIdBytesMax) return {};
  const DocumentPool::Loan document = documents.borrow();
  const Result<json::Value> user = (*document).parse(user_id);
  return user.ok() ? std::string(user.value()["session_id"].string_or("")) : std::string();
}

RoutingContext routing_context_of(const ClientRequest& request, const router::State& state,
                                  Time now) {
  RoutingContext context;
  context.headers = &request.headers;
  context.metadata = &request.metadata;
  context.session_id = request.session_id;
  context.agent_id = request.agent_id;
  context.has_login = request.credential_has_own_header && request.headers.has("authorization");
  context.state = &state;
  context.endpoint = request.operation == Operation::kCountTokens
                         ? router::EndpointClass::kCountTokens
                         : router::EndpointClass::kMessages;
  context.now = now;
  return context;
}

const router::RoutingRule* matching_rule(const config::Configuration& configuration,
                                         const model::Principal& principal,
                                         std::string_view requested, std::string_view full_name,
                                         const RoutingContext& context, Decision& decision) {
  for (const router::RoutingRule& rule : configuration.routes.rules()) {
    std::string_view differs;
    if (!names_model(rule.models, requested, full_name)) {
      differs = "other models";
    } else if (!names_subject(rule.subjects, principal)) {
      differs = "other subjects";
    } else if (!std::all_of(rule.metadata.begin(), rule.metadata.end(),
                            [&](const auto& pair) { return has_pair(context.metadata, pair); })) {
      differs = "other metadata";
    }
    if (differs.empty()) {
      decision.steps.push_back({"rule", "allowed", rule.id});
      return &rule;
    }
    if (context.tell_all) {
      decision.steps.push_back({"rule", "skipped", rule.id + ": " + std::string(differs)});
    }
  }
  return nullptr;
}

void follow_routing(const config::Configuration& configuration, const model::Principal& principal,
                    const model::RequestFacts& facts, const router::Routing& routing,
                    const RoutingContext& context, Decision& decision) {
  static const model::Metadata no_metadata;
  const router::PlanRequest request{
      .facts = facts,
      .metadata = context.metadata != nullptr ? *context.metadata : no_metadata,
      .conversation = conversation_of(context),
      .session = routing.sticky ? session_of(*routing.sticky, context) : 0,
      .caller = routing.strategy == router::Strategy::kLatency
                    ? router::hash_text(principal.subject())
                    : 0,
      .draw = context.draw,
      .seed = context.seed,
      .endpoint = context.endpoint,
      .now = context.now,
  };
  decision.routing = &routing;
  decision.pin_key = router::pin_key(routing, request);
  router::Surroundings around;
  if (context.state != nullptr) {
    around = router::look_around(*context.state, routing, decision.pin_key, request);
  } else {
    around.targets.resize(routing.targets.size());
  }
  decision.pin = around.pin;
  std::vector<bool> denied(routing.targets.size());
  bool all_denied = true;
  for (size_t i = 0; i < denied.size(); ++i) {
    denied[i] =
        !may_use_integration(configuration, principal, routing.targets[i].target.integration);
    all_denied = all_denied && denied[i];
  }
  const router::Plan plan = router::plan(routing, request, around, denied);
  decision.tier = plan.tier;
  note_plan(plan, routing, decision);
  for (const router::Planned& planned : plan.order) {
    const router::RouteTarget& target = routing.targets[planned.index];
    Candidate candidate;
    candidate.target = target.target;
    candidate.usable = planned.usable;
    candidate.reason =
        router::why_text(planned.why, target, around.targets[planned.index], context.now);
    candidate.route = &target;
    candidate.probe = planned.why == router::Why::kProbe;
    candidate.edits = edits_of(target);
    decision.candidates.push_back(std::move(candidate));
  }
  keep_logins(configuration, context, decision.candidates);
  decision.retries_max = retries_of(decision.candidates);
  const bool none = std::none_of(decision.candidates.begin(), decision.candidates.end(),
                                 [](const Candidate& candidate) { return candidate.usable; });
  if (!none) return;
  if (all_denied) {
    decision.steps.push_back({"access", "denied", "no target of the route may be used"});
    decision.denial = forbidden_model(configuration, principal, facts.model);
    return;
  }
  decision.steps.push_back({"capability", "denied", "no target can serve this request"});
  decision.denial = nobody_can_serve(facts, plan, routing, decision.candidates);
}

}  // namespace tollgate::exchange
