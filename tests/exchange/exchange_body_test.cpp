#include <string>

#include "dialects/carriage.hpp"
#include "support/catch.hpp"
#include "support/fake_host.hpp"

namespace tollgate::test {
namespace {

std::string body_with(const std::string& signature) {
  return R"({"model":"claude-same","max_tokens":9,"messages":[{"role":"user","content":"a"},)"
         R"({"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":")" +
         signature + R"("},{"type":"text","text":"b"}]},{"role":"user","content":"c"}]})";
}

TEST_CASE("Claude's own thinking passes byte for byte") {
  FakeHost host(make_gateway());
  const std::string body = body_with("Eq8BClaude");
  host.post(body);
  REQUIRE(host.calls.size() == 1);
  CHECK(host.calls[0].body == body);
}

TEST_CASE("thinking of another upstream does not reach Claude") {
  FakeHost host(make_gateway());
  host.post(body_with(dialects::seal_carriage({"gemini-main/pro", "0a1b2c3d", "x", {}})));
  REQUIRE(host.calls.size() == 1);
  CHECK(host.calls[0].body.find("thinking") == std::string::npos);
  CHECK(host.calls[0].body.find(R"("text":"b")") != std::string::npos);
}

}  // namespace
}  // namespace tollgate::test
