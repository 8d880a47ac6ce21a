#pragma once

#include <string>

#include "support/fake_host.hpp"

namespace tollgate::test {

/// A gateway with two models of known price, three callers, and the limits of a test.
/// opus: 5 USD a million in, 25 out. haiku: 1 in, 5 out.
inline std::shared_ptr<gateway::Gateway> money_gateway(const std::string& limits) {
  const std::string text = R"(
type: provider-account/anthropic
name: eng
auth_data: {type: api-key, api_key: key}
integrations:
  - {name: opus, model_id: claude-opus-5}
  - {name: haiku, model_id: claude-haiku-4-5}
---
type: user
name: ann
tokens: [{env: ANN}]
---
type: user
name: bob
tokens: [{env: BOB}]
---
type: team
name: senior
members: [ann]
---
type: virtual-account
name: ci-bot
tags: {environment: ci}
tokens: [{env: CI}]
---
)" + limits;
  gateway::GatewayOptions options;
  options.lookup = [](config::ReferenceKind, std::string_view name, std::string& value) {
    value = "token-" + std::string(name);
    return true;
  };
  auto made = gateway::Gateway::create(text, std::move(options), {1, 1'795'338'000'000});
  if (!made.ok()) FAIL(made.status().message());
  return made.value();
}

/// A request whose body is `bytes` long, for a model, with max_tokens.
inline std::string money_request(const std::string& model, int64_t max_tokens, size_t bytes = 200,
                                 const std::string& members = "") {
  const std::string head = R"({"model":")" + model + R"(","max_tokens":)" +
                           std::to_string(max_tokens) + members +
                           R"(,"messages":[{"role":"user","content":")";
  const std::string tail = R"("}]})";
  const size_t used = head.size() + tail.size();
  return head + std::string(bytes > used ? bytes - used : 0, 'x') + tail;
}

inline std::string money_answer(int64_t input, int64_t output) {
  return R"({"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],)"
         R"("stop_reason":"end_turn","usage":{"input_tokens":)" +
         std::to_string(input) + R"(,"output_tokens":)" + std::to_string(output) + "}}";
}

/// One client's request against such a gateway.
class MoneyHost : public FakeHost {
 public:
  explicit MoneyHost(const std::shared_ptr<gateway::Gateway>& gateway, uint64_t at_s = 0)
      : FakeHost(std::move(gateway
                               ->new_exchange(options_with(++last_token),
                                              {1'000'000'000 + at_s * kSecond, wall_at(at_s)})
                               .value())) {
    mono_ns += at_s * kSecond;
    wall_ms = wall_at(at_s);
  }

  MoneyHost& ask(const std::string& who, const std::string& content, HeaderList more = {}) {
    more.insert(more.begin(), {"authorization", "Bearer token-" + who});
    post(content, more);
    return *this;
  }
  void answer(int64_t input, int64_t output) {
    upstream_head(200, {{"content-type", "application/json"}});
    upstream_body(money_answer(input, output));
    upstream_end();
  }
  bool called() const { return !calls.empty(); }
  std::string record() const { return records.empty() ? std::string() : records.back(); }

 private:
  static int64_t wall_at(uint64_t at_s) {
    return 1'795'338'000'000 + static_cast<int64_t>(at_s) * 1'000;
  }
  static exchange::ExchangeOptions options_with(uint64_t token) {
    exchange::ExchangeOptions options;
    options.wake_token = token;
    return options;
  }
  static inline uint64_t last_token = 0;
};

}  // namespace tollgate::test
