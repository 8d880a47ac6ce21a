#include <string>

#include "support/fake_host.hpp"

// A gateway whose clock is not AWS's: signatures are made by AWS's after one refusal.
namespace tollgate::test {
namespace {

std::shared_ptr<gateway::Gateway> aws_gateway() {
  return make_gateway(
      "type: provider-account/aws-bedrock\nname: aws\nbase_url: http://127.0.0.1:9\n"
      "region: us-east-1\nauth_data: {type: access-key-based, access_key_id: AKIDEXAMPLE, "
      "secret_access_key: secret}\n"
      "integrations: [{name: opus, model_id: us.anthropic.claude-opus-4-5-20251101-v1:0}]\n---\n"
      "type: user\nname: dev-1@corp.example\ntokens: [{env: TOKEN_1}]\n");
}

constexpr std::string_view kBody =
    R"({"model":"aws/opus","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})";

void refuse_signature(FakeHost& host, const char* date) {
  host.upstream_head(403, {{"content-type", "application/json"},
                           {"x-amzn-errortype", "InvalidSignatureException"},
                           {"date", date}});
  host.upstream_body(R"({"message":"Signature expired"})");
  host.upstream_end();
}

TEST_CASE("a clock that is wrong costs one call, and only the first request's") {
  const auto gateway = aws_gateway();
  FakeHost host(gateway);
  host.post(kBody);
  REQUIRE(host.calls.size() == 1);
  const std::string first = host.calls[0].header("x-amz-date");
  CHECK_FALSE(first.starts_with("20300102T"));
  refuse_signature(host, "Wed, 02 Jan 2030 03:04:05 GMT");
  REQUIRE(host.calls.size() == 2);
  CHECK(host.calls[1].header("x-amz-date").starts_with("20300102T0304"));
  // The upstream's clock was told; that its refusal goes on is the key's fault.
  refuse_signature(host, "Wed, 02 Jan 2030 03:04:06 GMT");
  CHECK(host.calls.size() == 2);
  REQUIRE(host.done);
  CHECK(host.status == 502);
  CHECK(host.head_value("x-should-retry") == "false");

  FakeHost second(gateway);
  second.post(kBody);
  REQUIRE(second.calls.size() == 1);
  CHECK(second.calls[0].header("x-amz-date").starts_with("20300102T03"));
}

TEST_CASE("a key that AWS does not know is refused at once") {
  FakeHost host(aws_gateway());
  host.post(kBody);
  REQUIRE(host.calls.size() == 1);
  host.upstream_head(403, {{"content-type", "application/json"},
                           {"x-amzn-errortype", "UnrecognizedClientException"},
                           {"date", "Wed, 02 Jan 2030 03:04:05 GMT"}});
  host.upstream_body(R"({"message":"The security token included in the request is invalid."})");
  host.upstream_end();
  CHECK(host.calls.size() == 1);
  CHECK(host.status == 502);
}

}  // namespace
}  // namespace tollgate::test
