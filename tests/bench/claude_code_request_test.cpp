#include "bench/claude_code_request.hpp"

#include "json/reader.hpp"
#include "support/catch.hpp"

using tollgate::bench::claude_code_request;

TEST_CASE("the bench's request has the shape and the size of a client's", "[bench]") {
  for (const size_t bytes : {size_t{2'000}, size_t{60'000}, size_t{200'000}}) {
    CAPTURE(bytes);
    const std::string body = claude_code_request("some-model", true, bytes);
    CHECK(body.size() > bytes * 9 / 10);
    CHECK(body.size() < bytes * 11 / 10);
    tollgate::json::Document document;
    const auto parsed = document.parse(body);
    REQUIRE(parsed.ok());
    const tollgate::json::Value request = parsed.value();
    CHECK(request["model"].string() == "some-model");
    CHECK(request["stream"].boolean() == true);
    CHECK(request["messages"].size() >= 3);
    CHECK(request["tools"].size() >= 1);
    CHECK(request["system"].size() == 2);
  }
  CHECK(claude_code_request("m", false, 2'000).find("\"stream\"") == std::string::npos);
}
