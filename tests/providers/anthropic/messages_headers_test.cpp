#include "providers/anthropic/messages_headers.hpp"

#include "support/catch.hpp"

namespace tollgate::providers {
namespace {

TEST_CASE("a call in Anthropic's dialect has a version, and no credential yet") {
  Account account;
  account.auth = AuthKind::kApiKey;
  account.credential = Secret("sk-1");
  account.headers = {{"x-team", "a"}};
  const router::Integration integration;
  const Endpoint endpoint{account, integration, "m"};
  const wire::Headers client;
  const CallContext context{.endpoint = endpoint,
                            .client_headers = client,
                            .client_query = {},
                            .extra_betas = {},
                            .token = {},
                            .now = {}};
  wire::Headers headers;
  REQUIRE(add_messages_headers(context, headers).ok());
  CHECK(headers.get("anthropic-version") == "2023-06-01");
  CHECK(headers.get("content-type") == "application/json");
  CHECK(headers.get("accept-encoding") == "identity");
  CHECK(headers.get("x-team") == "a");
  CHECK(headers.size() == 4);
}

TEST_CASE("an answer's limits belong to whose account it is") {
  Account own;
  own.auth = AuthKind::kClientPassThrough;
  CHECK(passes_messages_header(own, "anthropic-ratelimit-tokens-limit"));
  Account shared;
  shared.auth = AuthKind::kApiKey;
  CHECK_FALSE(passes_messages_header(shared, "anthropic-ratelimit-tokens-limit"));
  CHECK(passes_messages_header(own, "request-id"));
  CHECK_FALSE(passes_messages_header(own, "x-request-id"));
}

}  // namespace
}  // namespace tollgate::providers
