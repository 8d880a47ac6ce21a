#include "providers/anthropic/provider.hpp"

#include "support/catch.hpp"

namespace tollgate::providers {
namespace {

struct Call {
  Account account;
  wire::Headers client;
  std::string_view query;
  std::string_view betas;
  bool own_login = false;
  bool same_dialect = true;
  dialects::Operation operation = dialects::Operation::kGenerate;

  Status prepare(UpstreamRequest& out) const {
    const router::Integration integration;
    const Endpoint endpoint{account, integration, "m"};
    const CallContext context{.endpoint = endpoint,
                              .operation = operation,
                              .client_headers = client,
                              .client_query = query,
                              .extra_betas = betas,
                              .same_dialect = same_dialect,
                              .client_authorization_is_its_own = own_login,
                              .token = {},
                              .now = {}};
    return anthropic_provider().prepare(context, out);
  }
};

Call keyed() {
  Call call;
  call.account.name = "main";
  call.account.base_url = "https://api.example";
  call.account.auth = AuthKind::kApiKey;
  call.account.credential = Secret("sk-1");
  return call;
}

TEST_CASE("URLs keep the base's path and the client's query") {
  Call call = keyed();
  UpstreamRequest out;
  call.query = "beta=true";
  call.account.base_url = "https://api.example/prefix";
  REQUIRE(call.prepare(out).ok());
  CHECK(out.url == "https://api.example/prefix/v1/messages?beta=true");
  call.operation = dialects::Operation::kCountTokens;
  call.query = {};
  UpstreamRequest count;
  REQUIRE(call.prepare(count).ok());
  CHECK(count.url == "https://api.example/prefix/v1/messages/count_tokens");
}

struct HeaderCase {
  const char* name;
  const char* value;
  bool forwarded;
};

const HeaderCase kHeaders[] = {
    {"anthropic-version", "2026-10-21", true},
    {"Anthropic-Something-New", "x", true},
    {"x-stainless-lang", "js", true},
    {"X-App", "cli", true},
    {"user-agent", "claude-cli", true},
    {"authorization", "Bearer gateway", false},
    {"x-api-key", "gateway", false},
    {"x-tollgate-api-key", "gateway", false},
    {"x-tfy-api-key", "gateway", false},
    {"x-tfy-metadata", "{}", false},
    {"cookie", "a=b", false},
    {"x-claude-code-session-id", "s", false},
    {"host", "gateway", false},
    {"content-length", "5", false},
    {"accept-encoding", "gzip", false},
    {"x-forwarded-for", "10.0.0.1", false},
    {"proxy-authorization", "Basic x", false},
};

TEST_CASE("of the client's headers only those about the request go upstream") {
  for (const HeaderCase& row : kHeaders) {
    CAPTURE(row.name);
    Call call = keyed();
    REQUIRE(call.client.add(row.name, row.value).ok());
    UpstreamRequest out;
    REQUIRE(call.prepare(out).ok());
    CHECK((out.headers.get(row.name) == std::string_view(row.value)) == row.forwarded);
    CHECK(out.headers.get("accept-encoding") == "identity");
  }
}

TEST_CASE("betas are joined, kept in order and not doubled") {
  Call call = keyed();
  REQUIRE(call.client.add("anthropic-beta", "a, b").ok());
  REQUIRE(call.client.add("anthropic-beta", "c").ok());
  call.betas = "b, d,,c";
  UpstreamRequest out;
  REQUIRE(call.prepare(out).ok());
  CHECK(out.headers.count("anthropic-beta") == 1);
  std::string plain;
  const std::string_view sent = *out.headers.get("anthropic-beta");
  for (const char c : sent) {
    if (c != ' ') plain.push_back(c);
  }
  CHECK(plain == "a,b,c,d");
}

TEST_CASE("what an account names is not the client's to say") {
  Call call = keyed();
  call.account.headers = {{"Anthropic-Version", "2026-10-21"}, {"anthropic-beta", "z"}};
  REQUIRE(call.client.add("anthropic-version", "2023-06-01").ok());
  REQUIRE(call.client.add("anthropic-beta", "a").ok());
  UpstreamRequest out;
  REQUIRE(call.prepare(out).ok());
  CHECK(out.headers.count("anthropic-version") == 1);
  CHECK(out.headers.get("anthropic-version") == "2026-10-21");
  CHECK(out.headers.count("anthropic-beta") == 1);
  CHECK(out.headers.get("anthropic-beta") == "a,z");
}

TEST_CASE("each kind of credential has its header, and no other") {
  SECTION("key") {
    const Call call = keyed();
    UpstreamRequest out;
    REQUIRE(call.prepare(out).ok());
    CHECK(out.headers.get("x-api-key") == "sk-1");
    CHECK_FALSE(out.headers.has("authorization"));
  }
  SECTION("bearer") {
    Call call = keyed();
    call.account.auth = AuthKind::kBearer;
    UpstreamRequest out;
    REQUIRE(call.prepare(out).ok());
    CHECK(out.headers.get("authorization") == "Bearer sk-1");
    CHECK_FALSE(out.headers.has("x-api-key"));
  }
  SECTION("the client's own login, only when it is one") {
    Call call = keyed();
    call.account.auth = AuthKind::kClientPassThrough;
    REQUIRE(call.client.add("authorization", "Bearer theirs").ok());
    UpstreamRequest refused;
    const Status status = call.prepare(refused);
    CHECK(status.code() == Code::kInvalid);
    CHECK(status.message().find("x-tollgate-api-key") != std::string::npos);
    CHECK_FALSE(refused.headers.has("authorization"));
    call.own_login = true;
    UpstreamRequest out;
    REQUIRE(call.prepare(out).ok());
    CHECK(out.headers.get("authorization") == "Bearer theirs");
  }
}

TEST_CASE("limits of a shared account are not shown, those of the caller's own login are") {
  Account shared;
  shared.auth = AuthKind::kApiKey;
  Account own;
  own.auth = AuthKind::kClientPassThrough;
  const Provider& provider = anthropic_provider();
  for (const char* name : {"anthropic-ratelimit-requests-limit", "Anthropic-Priority-Tokens",
                           "anthropic-fast-input-tokens-limit"}) {
    CAPTURE(name);
    CHECK_FALSE(provider.passes_answer_header(shared, name));
    CHECK(provider.passes_answer_header(own, name));
  }
  for (const char* name : {"request-id", "retry-after", "x-should-retry", "content-type",
                           "anthropic-organization-id"}) {
    CHECK(provider.passes_answer_header(shared, name));
  }
  for (const char* name : {"set-cookie", "server", "content-length", "transfer-encoding"}) {
    CHECK_FALSE(provider.passes_answer_header(own, name));
  }
}

TEST_CASE("across dialects the client's own headers stay, and a version is given") {
  Call call = keyed();
  call.same_dialect = false;
  REQUIRE(call.client.add("anthropic-beta", "a").ok());
  call.query = "x=1";
  UpstreamRequest out;
  REQUIRE(call.prepare(out).ok());
  CHECK_FALSE(out.headers.has("anthropic-beta"));
  CHECK(out.headers.get("anthropic-version") == "2023-06-01");
  CHECK(out.url == "https://api.example/v1/messages");
}

}  // namespace
}  // namespace tollgate::providers
