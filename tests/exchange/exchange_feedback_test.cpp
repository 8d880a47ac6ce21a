#include <string>

#include "exchange/routed_host.hpp"

namespace tollgate::test {
namespace {

constexpr std::string_view kWeights =
    "  type: priority-based-routing\n  load_balance_targets:\n"
    "    - {target: one/m, priority: 0, retry_config: {attempts: 0}}\n"
    "    - {target: two/m, priority: 1}\n";

void give_feedback(FakeHost& host, std::string_view body,
                   std::string_view token = "Bearer token-1") {
  host.request("POST", "/v1/feedback", {{"authorization", std::string(token)}}, body);
}

std::string rated(const std::string& decision, int rating) {
  return R"({"decision_id":")" + decision + R"(","rating":)" + std::to_string(rating) +
         R"(,"comment":"ünderstood"})";
}

TEST_CASE("feedback on an answer is recorded and counted for the target that gave it") {
  const auto gateway = routed_gateway(kWeights);
  FakeHost host(gateway);
  host.post(kCodingWhole);
  answer_error(host, 529);
  answer_well(host, false);
  const std::string decision = host.head_value("x-tollgate-decision-id");
  for (const int rating : {2, 5}) {
    FakeHost feedback(gateway);
    give_feedback(feedback, rated(decision, rating));
    CHECK(feedback.status == 200);
    CHECK(feedback.body == R"({"status":"recorded"})");
    REQUIRE(feedback.records.size() == 1);
    json::Document document;
    const json::Value record = document.parse(feedback.records[0]).value();
    CHECK(record["operation"].string_or("") == "feedback");
    CHECK(record["target"].string_or("") == "two/m");
    CHECK(record["model"].string_or("") == "coding");
    CHECK(record["feedback"]["decision_id"].string_or("") == decision);
    CHECK(record["feedback"]["rating"].integer() == rating);
    CHECK(record["feedback"]["comment"].string_or("") == "ünderstood");
  }
  FakeHost page(gateway);
  page.request("GET", "/metrics", {}, "");
  const std::string labels = R"(model_name="coding",username="user:dev@corp.example",)"
                             R"(target="two/m",signal="feedback"})";
  CHECK(page.body.find("tollgate_quality_signals_total{" + labels + " 2\n") != std::string::npos);
  CHECK(page.body.find("tollgate_feedback_rating_total{" + labels + " 7\n") != std::string::npos);
  // A judgement is no request to the target.
  CHECK(page.body.find(R"(target="two/m",status="2xx"} 1)") != std::string::npos);
}

TEST_CASE("feedback that cannot be meant is refused with what to send") {
  const auto gateway = routed_gateway(kWeights);
  FakeHost host(gateway);
  host.post(kCodingWhole);
  answer_well(host, false);
  const std::string decision = host.head_value("x-tollgate-decision-id");
  const struct {
    const char* name;
    std::string body;
    const char* token;
    uint32_t status;
    const char* text;
  } kRows[] = {
      {"no JSON", "{", "Bearer token-1", 400, "error"},
      {"nothing", "", "Bearer token-1", 400, "error"},
      {"no decision", R"({"rating":3})", "Bearer token-1", 400, "x-tollgate-decision-id"},
      {"no rating", R"({"decision_id":"x"})", "Bearer token-1", 400, "rating"},
      {"a rating too high", rated(decision, 6), "Bearer token-1", 400, "from 1 (bad) to 5"},
      {"a rating too low", rated(decision, 0), "Bearer token-1", 400, "rating"},
      {"half a rating", R"({"decision_id":"x","rating":2.5})", "Bearer token-1", 400, "rating"},
      {"an unknown decision", rated("dec_nobody", 3), "Bearer token-1", 404, "decision_id"},
      {"somebody else's", rated(decision, 3), "Bearer token-2", 404, "decision_id"},
      {"a stranger's", rated(decision, 3), "Bearer nobody", 401, "credential"},
      {"a long comment",
       R"({"decision_id":")" + decision + R"(","rating":3,"comment":")" + std::string(4097, 'x') +
           R"("})",
       "Bearer token-1", 400, "4096"},
  };
  for (const auto& row : kRows) {
    CAPTURE(row.name);
    FakeHost feedback(gateway);
    give_feedback(feedback, row.body, row.token);
    CHECK(feedback.status == row.status);
    CHECK(feedback.body.find(row.text) != std::string::npos);
    CHECK(feedback.calls.empty());
  }
}

TEST_CASE("failed tools count for the target that called them, retries for the one that is asked") {
  const auto gateway = routed_gateway(kWeights);
  const HeaderList session = {{"authorization", "Bearer token-1"},
                              {"x-claude-code-session-id", "s-1"}};
  FakeHost first(gateway);
  first.post(kCodingWhole, session);
  answer_well(first, false);
  FakeHost second(gateway);
  HeaderList again = session;
  again.emplace_back("x-stainless-retry-count", "2");
  second.post(R"({"model":"coding","max_tokens":100,"messages":[{"role":"user","content":[)"
              R"({"type":"tool_result","tool_use_id":"a","is_error":true,"content":"no"},)"
              R"({"type":"tool_result","tool_use_id":"b","is_error":true,"content":"no"}]}]})",
              again);
  answer_error(second, 503);
  answer_well(second, false);
  json::Document document;
  const json::Value record = document.parse(second.records.at(0)).value();
  CHECK(record["previous_target"].string_or("") == "one/m");
  CHECK(record["target"].string_or("") == "two/m");
  CHECK(record["tool_errors"].integer() == 2);
  CHECK(record["client_retries"].integer() == 2);
  FakeHost page(gateway);
  page.request("GET", "/metrics", {}, "");
  CHECK(page.body.find(R"(target="one/m",signal="tool_error"} 2)") != std::string::npos);
  CHECK(page.body.find(R"(target="two/m",signal="client_retry"} 1)") != std::string::npos);
}

}  // namespace
}  // namespace tollgate::test
