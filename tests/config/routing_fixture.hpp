#pragma once

#include <string_view>

// A team's virtual models and routing rules with every field that such files have, for tests of
// the readers.
namespace tollgate::config {

inline constexpr std::string_view kRoutingAccounts = R"(
type: provider-account/anthropic
name: claude-direct
auth_data: {type: api-key, api_key: sk-one}
integrations:
  - {name: claude-sonnet-4-5, model_id: claude-sonnet-4-5-20250929}
  - {name: claude-haiku-4-5, model_id: claude-haiku-4-5}
  - {name: claude-opus-4-6, model_id: claude-opus-4-6}
---
type: provider-account/anthropic
name: claude-second
auth_data: {type: api-key, api_key: sk-two}
integrations:
  - {name: claude-sonnet-4-5, model_id: claude-sonnet-4-5-20250929}
  - {name: claude-opus-4-6, model_id: claude-opus-4-6}
---
type: provider-account/anthropic
name: anything
auth_data: {type: api-key, api_key: sk-three}
integrations: [{name: "*"}]
---
type: user
name: dev@corp.example
---
type: virtual-account
name: nightly
---
type: team
name: builders
---
)";

inline constexpr std::string_view kVirtualModels = R"(
name: house
type: provider-account/virtual-model
collaborators:
  - {subject: "user:dev@corp.example", role_id: provider-account-manager}
  - {subject: "team:builders",         role_id: provider-account-access}
ownedBy: {account: tools}
integrations:
  - name: claude-sonnet-4-5
    type: integration/model/virtual
    slug: house-sonnet
    model_types: [chat, completion]
    routing_config:
      type: priority-based-routing
      load_balance_targets:
        - target: claude-direct/claude-sonnet-4-5
          priority: 0
          sla_cutoff: {time_to_first_token_ms: 5000, time_per_output_token_ms: 90}
          retry_config: {attempts: 1, delay: 200, on_status_codes: ["429", "529"]}
          fallback_status_codes: ["408", "429", "500", "502", "503", "529"]
        - target: claude-second/claude-sonnet-4-5
          priority: 1
          metadata_match: {zone: north}
          headers_override:
            set: {x-cost-unit: "12"}
            remove: [x-verbose-trace]
        - target: anything/claude-next
          priority: 2
          fallback_candidate: true
          override_params: {max_tokens: 4096, temperature: 0.5}
  - name: claude-haiku-4-5-trial
    type: integration/model/virtual
    model_types: [chat]
    routing_config:
      type: weight-based-routing
      sticky_routing:
        ttl_seconds: 900
        session_identifiers:
          - {source: headers,  key: x-claude-code-session-id}
          - {source: metadata, key: project}
      load_balance_targets:
        - {target: claude-direct/claude-haiku-4-5, weight: 90}
        - target: anything/claude-small
          weight: 10
          fallback_candidate: false
          override_params: {prompt_version_fqn: "chat_prompt:corp/shims/small:1"}
  - name: claude-opus-4-6-fast
    type: integration/model/virtual
    model_types: [chat]
    routing_config:
      type: latency-based-routing
      load_balance_targets:
        - target: claude-direct/claude-opus-4-6
          override_params: {speed: fast}
          headers_override: {set: {anthropic-beta: fast-mode-2026-02-01}}
        - target: claude-second/claude-opus-4-6
          override_params: {speed: null}
---
name: rules
type: gateway-load-balancing-config
rules:
  - id: nightly-goes-small
    type: weight-based-routing
    when:
      subjects: ["virtualaccount:nightly", "team:builders"]
      models: ["claude-direct/claude-sonnet-4-5"]
      metadata: {environment: ci}
    load_balance_targets:
      - {target: claude-direct/claude-haiku-4-5, weight: 60}
      - {target: anything/claude-small, weight: 40}
  - id: others
    type: latency-based-routing
    when: {subjects: ["*"], models: ["claude-direct/claude-sonnet-4-5"]}
    load_balance_targets:
      - {target: claude-direct/claude-sonnet-4-5}
      - {target: claude-second/claude-sonnet-4-5}
)";

}  // namespace tollgate::config
