#pragma once

#include "record/record.hpp"

namespace tollgate::test {

/// A record as a usual request leaves it: one fallback, cache tokens, a price.
inline record::Record example_record() {
  record::Record record;
  record.request_id = "req_01HZX3K5J8Q2N4";
  record.decision_id = "dec_01HZX3K5J8Q2N5";
  record.wall_ms = 1'795'338'000'250;
  record.operation = "messages";
  record.method = "POST";
  record.path = "/v1/messages";
  record.client_address = "127.0.0.1:52144";
  record.principal = "user:dev-1@corp.example";
  record.token_prefix = "tg_AbC";
  record.teams = {"platform", "everyone"};
  record.model = "claude-sonnet-4-5";
  record.target = "backup/claude-sonnet-4-5";
  record.upstream_model = "claude-sonnet-4-5-20250929";
  record.status = 200;
  record.stream = true;
  record.usage = model::Usage{};
  record.usage->tokens = {
      .input = 3, .cache_read = 7, .cache_write_5m = 12'304, .cache_write_1h = 11, .output = 550};
  record.cost = NanoUsd{54'399'000};
  record.attempts = {{"main/claude-sonnet-4-5", 529, 12'900'000, "overloaded"},
                     {"backup/claude-sonnet-4-5", 200, 1'234'000'000, ""}};
  record.steps = {{"access", "allowed", ""}, {"budget:daily", "allowed", "4.20 USD left"}};
  record.outcome = "ok";
  record.stop_reason = "tool_use";
  record.losses = {{model::LossKind::kClamped, "max_tokens 64000 -> 32768"},
                   {model::LossKind::kDropped, "metadata.trace"},
                   {model::LossKind::kDropped, "thinking.signature (foreign)"},
                   {model::LossKind::kRenamed, "max_tokens -> max_completion_tokens"},
                   {model::LossKind::kReordered, "tool_result before text"}};
  record.metadata = {{"environment", "ci"}, {"cost-center", "42"}};
  record.session_id = "2f6c1c5e-6a51-4a0e-9b6e-0c8f3a2d1e4b";
  record.agent_id = "agent-7";
  record.parent_agent_id = "agent-1";
  record.user_agent = "claude-cli/2.1.181 (external, cli)";
  record.policy_version = "p-3";
  record.price_version = "2026-11-22";
  record.timings = {.request_read = 1'999,
                    .upstream_open = 25'000,
                    .upstream_head = 310'000'000,
                    .first_content = 420'000'999,
                    .end = 1'300'000'000};
  record.reserved = NanoUsd{120'000'000};
  return record;
}

}  // namespace tollgate::test
