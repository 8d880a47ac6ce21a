#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/load.hpp"
#include "exchange/exchange.hpp"
#include "gateway/gateway.hpp"
#include "support/catch.hpp"

namespace tollgate::test {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

inline tg_bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// Headers as the exchange wants them; lives as long as the list it was made of.
class HeaderViews {
 public:
  explicit HeaderViews(const HeaderList& list) {
    for (const auto& [name, value] : list) {
      views_.push_back(bytes_of(name));
      views_.push_back(bytes_of(value));
    }
  }
  const tg_bytes* data() const { return views_.data(); }
  uint32_t pairs() const { return static_cast<uint32_t>(views_.size() / 2); }

 private:
  std::vector<tg_bytes> views_;
};

/// One call the exchange asked for, as a host would have seen it.
struct SeenCall {
  uint32_t number = 0;
  std::string method;
  std::string url;
  HeaderList headers;
  std::string body;
  uint32_t flags = 0;
  uint32_t span_count = 0;
  bool cancelled = false;

  std::string header(std::string_view name) const {
    for (const auto& [known, value] : headers) {
      if (known == name) return value;
    }
    return {};
  }
};

/// A host with a virtual clock that performs nothing and remembers everything.
class FakeHost {
 public:
  explicit FakeHost(const std::shared_ptr<gateway::Gateway>& gateway,
                    exchange::ExchangeOptions options = {})
      : exchange_(std::move(gateway->new_exchange(std::move(options), now()).value())) {}
  explicit FakeHost(std::unique_ptr<exchange::Exchange> exchange)
      : exchange_(std::move(exchange)) {}

  Time now() const { return {mono_ns, wall_ms}; }
  exchange::Exchange& exchange() { return *exchange_; }
  void drop() { exchange_.reset(); }

  /// Feeds a whole request and pulls.
  void request(std::string_view method, std::string_view target, const HeaderList& headers,
               std::string_view content) {
    const HeaderViews views(headers);
    REQUIRE(exchange_->client_head(method, target, views.data(), views.pairs(), now()).ok());
    pull();
    if (!content.empty()) REQUIRE(exchange_->client_body(content, now()).ok());
    REQUIRE(exchange_->client_end(now()).ok());
    pull();
  }
  void post(std::string_view content, HeaderList headers = {{"authorization", "Bearer token-1"}}) {
    request("POST", "/v1/messages?beta=true", headers, content);
  }

  void upstream_head(uint32_t code, const HeaderList& headers) {
    const HeaderViews views(headers);
    REQUIRE(exchange_->upstream_head(calls.back().number, code, views.data(), views.pairs(), now())
                .ok());
    pull();
  }
  void upstream_body(std::string_view bytes) {
    REQUIRE(exchange_->upstream_body(calls.back().number, bytes, now()).ok());
    pull();
  }
  void upstream_end() {
    REQUIRE(exchange_->upstream_end(calls.back().number, now()).ok());
    pull();
  }
  void upstream_failed(int32_t failure) {
    REQUIRE(exchange_->upstream_failed(calls.back().number, failure, "as scripted", now()).ok());
    pull();
  }
  void stream(std::string_view events) {
    upstream_head(200, {{"content-type", "text/event-stream; charset=utf-8"}});
    upstream_body(events);
    upstream_end();
  }
  /// Lets time pass in steps no longer than the exchange's own deadlines.
  void pass(uint64_t span_ns) {
    const uint64_t until = mono_ns + span_ns;
    for (int steps = 0; steps < 10'000 && mono_ns < until; ++steps) {
      const uint64_t next = deadline_ns < until ? deadline_ns : until;
      if (next > mono_ns) {
        wall_ms += static_cast<int64_t>((next - mono_ns) / kMillisecond);
        mono_ns = next;
      }
      REQUIRE(exchange_->tick(now()).ok());
      pull();
    }
  }

  void pull() {
    tg_action action = TG_ACTION_INIT;
    for (int i = 0; i < 1000; ++i) {
      exchange_->next_action(action);
      order.push_back(action.kind);
      if (action.kind == TG_ACTION_WAIT) {
        deadline_ns = action.deadline_ns;
        return;
      }
      if (action.kind == TG_ACTION_DONE) {
        done = true;
        return;
      }
      note(action);
    }
    FAIL("the exchange never waits");
  }

  std::string head_value(std::string_view name) const {
    for (const auto& [known, value] : head) {
      if (known == name) return value;
    }
    return {};
  }

  uint64_t mono_ns = 1'000'000'000;
  int64_t wall_ms = 1'795'338'000'000;
  uint64_t deadline_ns = 0;
  std::vector<SeenCall> calls;
  std::vector<int32_t> order;
  uint32_t status = 0;
  int heads = 0;
  uint32_t head_flags = 0;
  HeaderList head;
  uint64_t head_body_size = 0;
  std::string body;
  int ends = 0;
  int aborts = 0;
  std::vector<std::string> records;
  bool done = false;

 private:
  static std::string text(tg_bytes bytes) {
    return std::string(reinterpret_cast<const char*>(bytes.data), bytes.size);
  }
  static HeaderList list(const tg_action& action) {
    HeaderList out;
    for (uint32_t i = 0; i < action.header_count; ++i) {
      out.emplace_back(text(action.headers[2 * i]), text(action.headers[2 * i + 1]));
    }
    return out;
  }

  void note(const tg_action& action) {
    switch (action.kind) {
      case TG_ACTION_UPSTREAM_OPEN: {
        SeenCall call;
        call.number = action.upstream;
        call.method = text(action.method);
        call.url = text(action.url);
        call.headers = list(action);
        call.flags = action.flags;
        call.span_count = action.body_span_count;
        for (uint32_t i = 0; i < action.body_span_count; ++i) {
          call.body += text(action.body_spans[i]);
        }
        CHECK(call.body.size() == action.body_size);
        calls.push_back(std::move(call));
        break;
      }
      case TG_ACTION_UPSTREAM_CANCEL:
        for (SeenCall& call : calls) {
          if (call.number == action.upstream) call.cancelled = true;
        }
        break;
      case TG_ACTION_CLIENT_HEAD:
        ++heads;
        status = action.http_status;
        head = list(action);
        head_body_size = action.body_size;
        head_flags = action.flags;
        break;
      case TG_ACTION_CLIENT_BODY:
        body += text(action.body);
        break;
      case TG_ACTION_CLIENT_END:
        ++ends;
        break;
      case TG_ACTION_CLIENT_ABORT:
        ++aborts;
        break;
      case TG_ACTION_RECORD:
        records.push_back(text(action.body));
        break;
      default:
        FAIL("an unknown action " << action.kind);
    }
  }

  std::unique_ptr<exchange::Exchange> exchange_;
};

/// A gateway with one Anthropic account, one user (token-1) and one that may use nothing (token-2).
/// Nothing is asked twice, so that a test of one failure sees one call.
inline constexpr std::string_view kTestConfig = R"(
type: provider-account/anthropic
name: anthropic-main
base_url: http://127.0.0.1:9101
auth_data: {type: api-key, api_key: sk-upstream-canary}
integrations:
  - name: claude-sonnet-4-5
    model_id: claude-sonnet-4-5-20250929
    type: integration/model/anthropic
    model_types: [chat]
    cost: {metric: per_1000_tokens, value: {input: 0.003, output: 0.015, cache_read: 0.0003, cache_write: 0.00375}}
  - {name: claude-same, model_id: claude-same, type: integration/model/anthropic, model_types: [chat]}
---
type: provider-account/anthropic
name: subscription
base_url: http://127.0.0.1:9102/
integrations:
  - {name: claude-max, model_id: claude-opus-4-8, type: integration/model/anthropic, model_types: [chat]}
---
type: provider-account/anthropic
name: closed-account
auth_data: {type: api-key, api_key: sk-closed-canary}
collaborators: [{subject: "team:nobody", role_id: provider-account-access}]
integrations:
  - {name: claude-secret, model_id: claude-secret, type: integration/model/anthropic, model_types: [chat]}
---
type: user
name: dev-1@corp.example
tokens: [{env: TOKEN_1}]
---
type: team
name: nobody
members: []
---
type: virtual-account
name: ci-bot
tags: {environment: ci}
tokens: [{env: TOKEN_2}]
---
type: gateway-global-settings
name: settings
logging_settings: {type: header_controlled, log_body_by_default: false}
retry_settings: {attempts: 0}
)";

inline bool test_lookup(config::ReferenceKind kind, std::string_view name, std::string& value) {
  if (kind != config::ReferenceKind::kEnvironment) return false;
  if (name == "TOKEN_1") value = "token-1";
  if (name == "TOKEN_2") value = "token-2";
  return name == "TOKEN_1" || name == "TOKEN_2";
}

inline std::shared_ptr<gateway::Gateway> make_gateway(std::string_view text = kTestConfig,
                                                      gateway::GatewayOptions options = {}) {
  options.lookup = test_lookup;
  auto made =
      gateway::Gateway::create(text, std::move(options), {1'000'000'000, 1'795'338'000'000});
  if (!made.ok()) FAIL(made.status().message());
  return made.value();
}

/// kTestConfig with a model "coding" that has these targets by priority, none of them asked twice.
inline std::shared_ptr<const config::Configuration> routed_configuration(
    const std::vector<std::string>& targets) {
  std::string text(kTestConfig);
  text += "---\nname: coding\nrouting_config:\n  type: priority-based-routing\n";
  text += "  load_balance_targets:\n";
  int priority = 0;
  for (const std::string& target : targets) {
    text += "    - {target: " + target + ", priority: " + std::to_string(priority++) +
            ", retry_config: {attempts: 0}}\n";
  }
  auto loaded = config::load(text, "t.yaml", test_lookup, {1'000'000'000, 1'795'338'000'000});
  if (!loaded.configuration) FAIL(config::to_line(loaded.diagnostics.front()));
  return loaded.configuration;
}

}  // namespace tollgate::test
