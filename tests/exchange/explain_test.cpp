#include "exchange/explain.hpp"

#include <string>

#include "support/fake_host.hpp"

namespace tollgate::test {
namespace {

struct Explained {
  json::Document document;
  json::Value decision;
};

Explained explain_for(const HeaderList& headers, std::string_view body) {
  const auto gateway = make_gateway();
  const HeaderViews views(headers);
  Explained result;
  const std::string text =
      exchange::explain(*gateway->configuration(), *gateway->environment(), views.data(),
                        views.pairs(), body, {1, 1'795'338'000'000});
  result.decision = result.document.parse(text).value();
  CHECK(gateway->environment()->ledger->open_reservations() == 0);
  return result;
}

TEST_CASE("an allowed request names who asks, where it goes and why") {
  const Explained told = explain_for({{"authorization", "Bearer token-1"}},
                                     R"({"model":"claude-same","max_tokens":1,"messages":[]})");
  CHECK(told.decision["allowed"].boolean() == true);
  CHECK(told.decision["denial"].is_null());
  CHECK(told.decision["principal"].string_or("") == "user:dev-1@corp.example");
  REQUIRE(told.decision["candidates"].size() == 1);
  const json::Value candidate = *told.decision["candidates"].elements().begin();
  CHECK(candidate["target"].string_or("") == "anthropic-main/claude-same");
  CHECK(candidate["verdict"].string_or("") == "chosen");
  CHECK(told.decision["distribution"]["anthropic-main/claude-same"].integer() == 1);
}

TEST_CASE("denials are those the exchange would give") {
  struct Row {
    const char* name;
    HeaderList headers;
    const char* body;
    int64_t status;
    const char* type;
  };
  const Row rows[] = {
      {"no credential",
       {},
       R"({"model":"claude-same","max_tokens":1})",
       401,
       "authentication_error"},
      {"unknown model",
       {{"x-api-key", "token-1"}},
       R"({"model":"nope","max_tokens":1})",
       400,
       "invalid_request_error"},
      {"not JSON", {{"x-api-key", "token-1"}}, "{", 400, "invalid_request_error"},
      {"empty", {{"x-api-key", "token-1"}}, "", 400, "invalid_request_error"},
      {"unsafe header", {{"x-a", "b\nc"}}, "{}", 400, "invalid_request_error"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Explained told = explain_for(row.headers, row.body);
    CHECK(told.decision["allowed"].boolean() == false);
    CHECK(told.decision["denial"]["status"].integer() == row.status);
    CHECK(told.decision["denial"]["type"].string_or("") == row.type);
    CHECK(told.decision["distribution"].size() == 0);
  }
}

}  // namespace
}  // namespace tollgate::test
