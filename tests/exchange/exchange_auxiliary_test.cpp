#include <string>

#include "support/fake_host.hpp"

// Keys of AWS that are fetched: call after call, once for all who need them, anew when refused.
namespace tollgate::test {
namespace {

std::shared_ptr<gateway::Gateway> instance_gateway() {
  return make_gateway(
      "type: provider-account/aws-bedrock\nname: aws\nbase_url: http://127.0.0.1:9\n"
      "region: us-east-1\nproxy: http://127.0.0.1:7\n"
      "auth_data: {type: instance-profile, endpoint: \"http://127.0.0.1:8\"}\n"
      "integrations: [{name: opus, model_id: us.anthropic.claude-opus-4-5-20251101-v1:0}]\n---\n"
      "type: user\nname: dev-1@corp.example\ntokens: [{env: TOKEN_1}]\n");
}

constexpr std::string_view kInstanceBody =
    R"({"model":"aws/opus","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})";
constexpr std::string_view kInstanceAnswer =
    R"({"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],)"
    R"("stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}})";

std::string instance_keys(const std::string& id) {
  return R"({"Code":"Success","AccessKeyId":")" + id +
         R"(","SecretAccessKey":"secret-canary","Token":"token-canary",)"
         R"("Expiration":"2099-01-01T00:00:00Z"})";
}

void reply_to(FakeHost& host, std::string_view body, uint32_t status = 200) {
  host.upstream_head(status, {{"content-type", "application/json"}});
  host.upstream_body(body);
  host.upstream_end();
}

void give_keys(FakeHost& host, const std::string& id) {
  REQUIRE(host.calls.back().url == "http://127.0.0.1:8/latest/api/token");
  CHECK(host.calls.back().method == "PUT");
  CHECK((host.calls.back().flags & TG_FLAG_AUXILIARY) != 0);
  reply_to(host, "session");
  REQUIRE(host.calls.back().url.ends_with("/security-credentials/"));
  reply_to(host, "a-role");
  REQUIRE(host.calls.back().url.ends_with("/security-credentials/a-role"));
  reply_to(host, instance_keys(id));
}

bool signed_by(const SeenCall& call, const std::string& id) {
  return call.url.starts_with("http://127.0.0.1:9/model/") &&
         call.header("authorization").starts_with("AWS4-HMAC-SHA256 Credential=" + id + "/") &&
         call.header("x-amz-security-token") == "token-canary";
}

TEST_CASE("an instance's keys are fetched once and sign every call") {
  const auto gateway = instance_gateway();
  FakeHost host(gateway);
  host.post(kInstanceBody);
  REQUIRE(host.calls.size() == 1);
  FakeHost second(gateway);
  second.post(kInstanceBody);
  CHECK(second.calls.empty());
  give_keys(host, "ASIA1");
  REQUIRE(host.calls.size() == 4);
  CHECK(signed_by(host.calls[3], "ASIA1"));
  reply_to(host, kInstanceAnswer);
  CHECK(host.status == 200);
  CHECK(host.done);
  second.pass(kSecond);
  REQUIRE(second.calls.size() == 1);
  CHECK(signed_by(second.calls[0], "ASIA1"));
  for (const std::string& record : host.records) {
    CHECK(record.find("canary") == std::string::npos);
    CHECK(record.find("a-role") == std::string::npos);
  }
}

TEST_CASE("keys that AWS refuses are fetched anew, once") {
  FakeHost host(instance_gateway());
  host.post(kInstanceBody);
  give_keys(host, "ASIA1");
  reply_to(host, R"({"__type":"ExpiredTokenException","message":"expired"})", 403);
  REQUIRE(host.calls.size() == 5);
  give_keys(host, "ASIA2");
  REQUIRE(host.calls.size() == 8);
  CHECK(signed_by(host.calls[7], "ASIA2"));
  reply_to(host, R"({"__type":"ExpiredTokenException","message":"expired"})", 403);
  CHECK(host.calls.size() == 8);
  CHECK(host.status == 502);
  CHECK(host.done);
}

TEST_CASE("an instance without a role is told to the operator, not to the client") {
  FakeHost host(instance_gateway());
  host.post(kInstanceBody);
  reply_to(host, "session");
  reply_to(host, "", 404);
  CHECK(host.status == 502);
  CHECK(host.head_value("x-should-retry") == "false");
  CHECK(host.body.find("could not get its own credential for the account aws") !=
        std::string::npos);
  CHECK(host.body.find("metadata") == std::string::npos);
  REQUIRE(host.records.size() == 1);
  CHECK(host.records[0].find("the instance has no role") != std::string::npos);
}

TEST_CASE("a client that goes between two of the calls leaves nothing behind") {
  const auto gateway = instance_gateway();
  FakeHost host(gateway);
  host.post(kInstanceBody);
  reply_to(host, "session");
  REQUIRE(host.calls.size() == 2);
  REQUIRE(host.exchange().client_gone(host.now()).ok());
  host.pull();
  CHECK(host.calls[1].cancelled);
  CHECK(host.done);
  FakeHost next(gateway);
  next.post(kInstanceBody);
  REQUIRE(next.calls.size() == 1);
  give_keys(next, "ASIA1");
  CHECK(next.calls.size() == 4);
}

}  // namespace
}  // namespace tollgate::test
