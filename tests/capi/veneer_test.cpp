// tollgate.hpp, used as a foreign C++ program would.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "tollgate/tollgate.hpp"

namespace {

constexpr tg_time kNow = {1'000'000'000, 1'795'338'000'000};
constexpr std::string_view kConfig = R"(
type: provider-account/anthropic
name: main
base_url: http://127.0.0.1:9
auth_data: {type: api-key, api_key: upstream-key}
integrations:
  - {name: claude, model_id: claude, type: integration/model/anthropic, model_types: [chat]}
---
type: user
name: ada
tokens: [{sha256: @}]
---
type: gateway-global-settings
retry_settings: {attempts: 0}
)";

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::exit(1);
}

std::string config() {
  char hex[TG_TOKEN_HASH_SIZE];
  require(tg_token_hash(tollgate::to_bytes("token-1"), hex) == TG_OK, "the token's hash");
  std::string text(kConfig);
  return text.replace(text.find('@'), 1, hex);
}

void test_whole_run() {
  const tollgate::Gateway gateway(config(), kNow);
  tollgate::Exchange first(gateway, kNow);
  tollgate::Exchange exchange = std::move(first);
  require(first.get() == nullptr, "a moved exchange is empty");  // NOLINT(bugprone-use-after-move)
  exchange.client_head("POST", "/v1/messages", {{"x-api-key", "token-1"}}, kNow);
  exchange.client_body(R"({"model":"claude","max_tokens":8,"messages":[]})", kNow);
  exchange.client_end(kNow);
  std::string url;
  std::string key;
  for (const tg_action& action : exchange.actions()) {
    url = tollgate::to_view(action.url);
    for (const auto& [name, value] : tollgate::ActionHeaders(action)) {
      if (name == "x-api-key") key = value;
    }
  }
  require(url == "http://127.0.0.1:9/v1/messages", "the URL");
  require(key == "upstream-key", "the account's key");
  require(!exchange.done() && exchange.deadline_ns() != TG_NO_DEADLINE, "it waits");
  require(gateway.open_exchanges() == 1, "one is open");

  exchange.upstream_failed(1, TG_FAILURE_CONNECT, "refused", kNow);
  uint32_t status = 0;
  int records = 0;
  for (const tg_action& action : exchange.actions()) {
    if (action.kind == TG_ACTION_CLIENT_HEAD) status = action.http_status;
    if (action.kind == TG_ACTION_RECORD) ++records;
  }
  require(status == 502 && records == 1, "the answer");
  require(exchange.done(), "it is done");
}

void test_errors() {
  try {
    const tollgate::Gateway gateway("type: user\nname: x\ncolour: red\n", kNow);
    require(false, "a bad configuration throws");
  } catch (const tollgate::Error& error) {
    require(error.code() == TG_E_INVALID, "its code");
    require(std::string_view(error.what()).find("colour") != std::string_view::npos, "its message");
    require(!error.path().empty(), "its path");
  }
  const tollgate::Gateway gateway(config(), kNow);
  tollgate::Exchange exchange(gateway, kNow);
  try {
    exchange.client_end(kNow);
    require(false, "an event out of order throws");
  } catch (const tollgate::Error& error) {
    require(error.code() == TG_E_STATE, "its code");
  }
  try {
    gateway.reload("type: nonsense", kNow);
    require(false, "a bad reload throws");
  } catch (const tollgate::Error& error) {
    require(error.code() == TG_E_INVALID, "its code");
  }
  require(gateway.describe().view().find("main/claude") != std::string_view::npos,
          "the old configuration is in force");
  require(gateway.metrics().view().find("tollgate_") != std::string_view::npos, "metrics");
}

void test_policy_and_waker() {
  const tollgate::Gateway gateway(config(), kNow);
  const tollgate::Policy policy(gateway);
  const auto decision = policy.explain({{"x-api-key", "token-1"}},
                                       R"({"model":"claude","max_tokens":8,"messages":[]})", kNow);
  require(decision.view().find("\"allowed\":true") != std::string_view::npos, "the decision");
  tollgate::Waker waker;
  for (uint64_t token = 0; token < 200; ++token)
    tg_waker_wake(token, waker.get());
  require(waker.fd() >= 0, "a descriptor");
  require(waker.take().size() == 200 && waker.take().empty(), "each token once");
}

}  // namespace

int main() {
  test_whole_run();
  test_errors();
  test_policy_and_waker();
  std::printf("all passed\n");
  return 0;
}
