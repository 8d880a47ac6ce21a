// From a read request to an open attempt.

#include <string>

#include "exchange/routed_host.hpp"
#include "support/fake_host.hpp"

namespace tollgate::test {
namespace {

constexpr std::string_view kWholeBody =
    R"({"model":"claude-sonnet-4-5","max_tokens":100,"messages":[{"role":"user","content":"hi"}]})";

TEST_CASE("a name that needs no change goes out as one span") {
  FakeHost host(make_gateway());
  const std::string body = R"({"model":"claude-same","max_tokens":1,"messages":[]})";
  host.post(body);
  REQUIRE(host.calls.size() == 1);
  CHECK(host.calls[0].span_count == 1);
  CHECK(host.calls[0].body == body);
}

TEST_CASE("the subscription's own login goes upstream, the gateway's never") {
  const HeaderList headers = {{"x-tfy-api-key", "token-1"}, {"authorization", "Bearer sk-ant-oat"}};
  FakeHost host(make_gateway());
  host.post(R"({"model":"claude-max","max_tokens":1,"messages":[]})", headers);
  REQUIRE(host.calls.size() == 1);
  CHECK(host.calls[0].url == "http://127.0.0.1:9102/v1/messages?beta=true");
  CHECK(host.calls[0].header("authorization") == "Bearer sk-ant-oat");
  CHECK(host.calls[0].header("x-api-key").empty());
  CHECK(host.calls[0].header("x-tfy-api-key").empty());

  FakeHost keyed(make_gateway());
  keyed.post(kWholeBody, headers);
  REQUIRE(keyed.calls.size() == 1);
  CHECK(keyed.calls[0].header("authorization").empty());
  CHECK(keyed.calls[0].header("x-api-key") == "sk-upstream-canary");
}

TEST_CASE(
    "a gateway token in Authorization is no login of the client's, whatever stands beside it") {
  for (const char* value : {"Bearer token-1", "Bearer token-2", "token-1"}) {
    CAPTURE(value);
    FakeHost host(make_gateway());
    host.post(R"({"model":"claude-max","max_tokens":1,"messages":[]})",
              {{"x-tollgate-api-key", "token-1"}, {"authorization", value}});
    CHECK(host.calls.empty());
    CHECK(host.status == 400);
  }
}

TEST_CASE("a keyless account without the client's own login is refused, not called") {
  FakeHost host(make_gateway());
  host.post(R"({"model":"claude-max","max_tokens":1,"messages":[]})");
  CHECK(host.calls.empty());
  CHECK(host.status == 400);
  CHECK(host.body.find("ANTHROPIC_CUSTOM_HEADERS") != std::string::npos);
}

TEST_CASE("count_tokens passes to its own endpoint") {
  FakeHost host(make_gateway());
  host.request("POST", "/v1/messages/count_tokens?beta=true", {{"authorization", "Bearer token-1"}},
               R"({"model":"claude-sonnet-4-5","messages":[],"tools":[]})");
  REQUIRE(host.calls.size() == 1);
  CHECK(host.calls[0].url == "http://127.0.0.1:9101/v1/messages/count_tokens?beta=true");
  host.upstream_head(200, {{"content-type", "application/json"}});
  host.upstream_body(R"({"input_tokens": 12})");
  host.upstream_end();
  CHECK(host.body == R"({"input_tokens": 12})");
}

TEST_CASE("what an OpenAI client sends decides about targets as what Claude Code sends does") {
  const std::string large(20'000, 'x');
  const std::string picture = "data:image/png;base64," + std::string(40'000, 'A');
  const struct {
    const char* name;
    const char* path;
    std::string body;
    const char* account;
  } kRows[] = {
      {"chat, little text", "/v1/chat/completions",
       R"({"model":"coding","messages":[{"role":"user","content":"hi"}]})", "one"},
      {"chat, much text", "/v1/chat/completions",
       R"({"model":"coding","messages":[{"role":"user","content":")" + large + R"("}]})", "two"},
      {"chat, a large picture is no text", "/v1/chat/completions",
       R"({"model":"coding","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":")" +
           picture + R"("}}]}]})",
       "one"},
      {"responses, little text", "/v1/responses", R"({"model":"coding","input":"hi"})", "one"},
      {"responses, much text", "/v1/responses", R"({"model":"coding","input":")" + large + R"("})",
       "two"},
      {"responses, a large picture is no text", "/v1/responses",
       R"({"model":"coding","input":[{"role":"user","content":[{"type":"input_image","image_url":")" +
           picture + R"("}]}]})",
       "one"},
  };
  for (const auto& row : kRows) {
    CAPTURE(row.name);
    FakeHost host(
        routed_gateway("  type: complexity-based-routing\n  load_balance_targets:\n"
                       "    - {target: one/m, tier: simple}\n"
                       "    - {target: two/m, tier: medium}\n"
                       "    - {target: six/m, tier: complex}\n"));
    host.request("POST", row.path, {{"authorization", "Bearer token-1"}}, row.body);
    CAPTURE(host.body);
    REQUIRE(host.calls.size() == 1);
    CHECK(account_of(host.calls[0]) == row.account);
  }
}

}  // namespace
}  // namespace tollgate::test
