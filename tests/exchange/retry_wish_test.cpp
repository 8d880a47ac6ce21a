#include "exchange/retry_wish.hpp"

#include <string>

#include "exchange/routed_host.hpp"

namespace tollgate::test {
namespace {

constexpr std::string_view kRouted =
    "  type: priority-based-routing\n  load_balance_targets:\n"
    "    - {target: one/m, priority: 0, retry_config: {attempts: 1, delay: 50}}\n"
    "    - {target: two/m, priority: 1, retry_config: {attempts: 0}}\n";

TEST_CASE("a client says how its request is retried") {
  struct Row {
    const char* name;
    const char* header;
    const char* value;
    uint32_t status;      ///< Of the first target, as often as it is asked.
    size_t calls_of_one;  ///< Before the next target is called.
  };
  const Row rows[] = {
      {"as the target says", "x-other", "1", 503, 2},
      {"not at all", "x-tollgate-retry-config", R"({"attempts":0})", 503, 1},
      {"three times", "x-tfy-retry-config", R"({"attempts":3,"onStatusCodes":[429,503]})", 503, 4},
      {"another code", "x-tfy-retry-config", R"({"attempts":3,"onStatusCodes":["500"]})", 503, 1},
      {"never more than a request has", "x-tfy-retry-config", R"({"attempts":10})", 503, 5},
      {"ours before the other", "x-tollgate-retry-config", R"({"attempts":2,"delay":10})", 503, 3},
      {"no list makes what nobody would mend worth asking again", "x-tfy-retry-config",
       R"({"onStatusCodes":[404]})", 404, 2},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    FakeHost host(routed_gateway(kRouted));
    host.post(kCodingWhole, {{"authorization", "Bearer token-1"}, {row.header, row.value}});
    size_t calls = 0;
    while (!host.done && account_of(host.calls.back()) == "one" && ++calls < 20) {
      const size_t before = host.calls.size();
      answer_error(host, row.status);
      host.pass(200 * kMillisecond);
      REQUIRE((host.done || host.calls.size() > before));
    }
    CHECK(calls == row.calls_of_one);
    REQUIRE_FALSE(host.done);
    answer_well(host, false);
    CHECK(host.status == 200);
  }
}

TEST_CASE("a wish that cannot be read is told, before anything is sent") {
  for (const char* value :
       {"3", "{", "[]", R"({"attempts":11})", R"({"attempts":-1})", R"({"attempts":"3"})",
        R"({"onStatusCodes":429})", R"({"onStatusCodes":["5xx"]})", R"({"onStatusCodes":[1000]})",
        R"({"delay":60001})", R"({"retries":3})"}) {
    CAPTURE(value);
    FakeHost host(routed_gateway(kRouted));
    host.post(kCodingWhole, {{"authorization", "Bearer token-1"}, {"x-tfy-retry-config", value}});
    CHECK(host.calls.empty());
    CHECK(host.status == 400);
    CHECK(host.body.find("x-tfy-retry-config must be an object") != std::string::npos);
  }
}

TEST_CASE("the wish is the gateway's alone") {
  FakeHost host(routed_gateway(kRouted));
  host.post(kCodingWhole,
            {{"authorization", "Bearer token-1"}, {"x-tfy-retry-config", R"({"attempts":0})"}});
  REQUIRE(host.calls.size() == 1);
  CHECK(host.calls[0].header("x-tfy-retry-config").empty());
}

}  // namespace
}  // namespace tollgate::test
