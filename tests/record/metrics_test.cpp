#include "record/metrics.hpp"

#include <string>
#include <thread>
#include <vector>

#include <simdjson.h>

#include "base/limits.hpp"
#include "base/time.hpp"
#include "example.hpp"
#include "exposition.hpp"
#include "support/catch.hpp"

namespace tollgate::record {

namespace {

using test::Exposition;
using test::Labels;

const Labels kServed = {{"model_name", "claude-sonnet-4-5"},
                        {"username", "user:dev-1@corp.example"},
                        {"target", "backup/claude-sonnet-4-5"},
                        {"status", "2xx"}};

Record refused(uint32_t status, std::string model) {
  Record record;
  record.principal = "user:dev-1@corp.example";
  record.model = std::move(model);
  record.status = status;
  record.outcome = "refused";
  record.timings.end = 40'000;
  return record;
}

Labels with(Labels labels, const std::string& name, const std::string& value) {
  labels[name] = value;
  return labels;
}

/// The lines about one family.
std::string family(const std::string& text, const std::string& name) {
  const size_t begin = text.find("# HELP " + name + " ");
  REQUIRE(begin != std::string::npos);
  const size_t end = text.find("# HELP ", begin + 1);
  return text.substr(begin, end == std::string::npos ? end : end - begin);
}

}  // namespace

TEST_CASE("a fresh page is valid and has every family") {
  const Exposition page(Metrics().to_text(3));
  CHECK(page.fault() == "");
  CHECK(page.value("tollgate_open_exchanges") == "3");
  CHECK(page.samples().size() == 1);
  const std::map<std::string, std::string> families = {
      {"ai_gateway_requests_total", "counter"},
      {"ai_gateway_input_tokens_total", "counter"},
      {"ai_gateway_output_tokens_total", "counter"},
      {"tollgate_cache_read_tokens_total", "counter"},
      {"tollgate_cache_write_tokens_total", "counter"},
      {"ai_gateway_request_cost_total", "counter"},
      {"ai_gateway_request_model_inference_failure_total", "counter"},
      {"tollgate_output_ms_total", "counter"},
      {"tollgate_quality_signals_total", "counter"},
      {"tollgate_feedback_rating_total", "counter"},
      {"ai_gateway_request_processing_ms", "histogram"},
      {"ai_gateway_first_token_latency_ms", "histogram"},
      {"tollgate_open_exchanges", "gauge"}};
  CHECK(page.types() == families);
}

TEST_CASE("exchanges are counted by model, user, target and status") {
  Metrics metrics;
  metrics.add(test::example_record(), {});
  metrics.add(test::example_record(), {});
  metrics.add(refused(400, "gpt-typo-17"), {});
  metrics.add(refused(402, "claude-sonnet-4-5"), {});

  const Exposition page(metrics.to_text(0));
  REQUIRE(page.fault() == "");
  CHECK(page.value("ai_gateway_requests_total", kServed) == "2");
  CHECK(page.value("ai_gateway_input_tokens_total", kServed) == "6");
  CHECK(page.value("ai_gateway_output_tokens_total", kServed) == "1100");
  CHECK(page.value("tollgate_cache_read_tokens_total", kServed) == "14");
  CHECK(page.value("tollgate_cache_write_tokens_total", kServed) == "24630");
  CHECK(page.value("ai_gateway_request_cost_total", kServed) == "0.108798");
  // What nobody may call leaves no name behind, only a count.
  CHECK(page.value("ai_gateway_requests_total", {{"model_name", "none"}, {"status", "4xx"}}) ==
        "2");
  CHECK(page.value("ai_gateway_requests_total", {{"model_name", "gpt-typo-17"}}) == "none");
}

TEST_CASE("failed attempts are counted by target and code, also when another served") {
  Metrics metrics;
  metrics.add(test::example_record(), {});
  Record record = test::example_record();
  record.attempts = {{"main/claude-sonnet-4-5", 529, 5, "overloaded"},
                     {"main/claude-sonnet-4-5", 0, 5, "connection refused"}};
  record.target.clear();
  record.status = 503;
  record.outcome = "failed";
  metrics.add(record, {});

  const Exposition page(metrics.to_text(0));
  REQUIRE(page.fault() == "");
  const char* name = "ai_gateway_request_model_inference_failure_total";
  const Labels main = {{"target", "main/claude-sonnet-4-5"}, {"model_name", "claude-sonnet-4-5"}};
  CHECK(page.value(name, with(main, "error_code", "529")) == "2");
  CHECK(page.value(name, with(main, "error_code", "none")) == "1");
  CHECK(page.value(name, {{"target", "backup/claude-sonnet-4-5"}}) == "none");
  CHECK(page.value("ai_gateway_requests_total",
                   {{"model_name", "claude-sonnet-4-5"}, {"status", "5xx"}, {"target", ""}}) ==
        "1");
}

TEST_CASE("histograms are cumulative and exact") {
  Metrics metrics;
  Record record = test::example_record();
  for (const uint64_t ms : {1U, 5U, 6U, 400U, 1'000'000U}) {
    record.timings.end = ms * kMillisecond;
    record.timings.first_content.reset();
    metrics.add(record, {});
  }
  record.timings.end.reset();
  metrics.add(record, {});

  const Exposition page(metrics.to_text(0));
  REQUIRE(page.fault() == "");
  const std::string name = "ai_gateway_request_processing_ms";
  const std::vector<std::pair<const char*, const char*>> buckets = {
      {"5", "2"},     {"10", "3"},    {"25", "3"},    {"50", "3"},     {"100", "3"},
      {"250", "3"},   {"500", "4"},   {"1000", "4"},  {"2500", "4"},   {"5000", "4"},
      {"10000", "4"}, {"30000", "4"}, {"60000", "4"}, {"300000", "4"}, {"+Inf", "5"}};
  for (const auto& [bound, count] : buckets) {
    INFO(bound);
    CHECK(page.value(name + "_bucket", with(kServed, "le", bound)) == count);
  }
  CHECK(page.value(name + "_count", kServed) == "5");
  CHECK(page.value(name + "_sum", kServed) == "1000412");
  CHECK(page.value("ai_gateway_first_token_latency_ms_count", kServed) == "none");
  CHECK(page.value("ai_gateway_requests_total", kServed) == "6");
}

TEST_CASE("chosen metadata keys become labels") {
  Metrics metrics;
  metrics.add(test::example_record(),
              {"environment", "cost-center", "cost_center", "target", "absent"});
  const Exposition page(metrics.to_text(0));
  REQUIRE(page.fault() == "");
  Labels labels = kServed;
  labels["environment"] = "ci";
  labels["cost_center"] = "42";
  labels["metadata_target"] = "";
  labels["absent"] = "";
  CHECK(page.value("ai_gateway_requests_total", labels) == "1");
}

TEST_CASE("label values are whatever people send, and the page stays valid") {
  Metrics metrics;
  Record record = test::example_record();
  record.model = "a\"b\\c\nd\xff{le=\"1\"}";
  record.principal = "user:\"} 1\n# TYPE x counter";
  metrics.add(record, {});
  const std::string text = metrics.to_text(0);
  CHECK(simdjson::validate_utf8(text));
  const Exposition page(text);
  REQUIRE(page.fault() == "");
  CHECK(page.value("ai_gateway_requests_total", {{"username", record.principal}}) == "1");
  CHECK(page.value("ai_gateway_requests_total",
                   {{"model_name", "a\"b\\c\nd\xef\xbf\xbd{le=\"1\"}"}}) == "1");
}

TEST_CASE("label sets are bounded, and what comes above is counted under other") {
  Metrics metrics;
  Record record = test::example_record();
  for (size_t i = 0; i < limits::kMetricSeriesMax + 25; ++i) {
    record.principal = "user:" + std::to_string(i);
    metrics.add(record, {"environment"});
  }
  record.principal = "user:0";
  metrics.add(record, {"environment"});

  // Only two families of the page, which is long by now.
  const std::string text = metrics.to_text(0);
  const Exposition page(family(text, "ai_gateway_requests_total") +
                        family(text, "ai_gateway_request_model_inference_failure_total"));
  REQUIRE(page.fault() == "");
  const Labels other = {{"model_name", "other"}, {"username", "other"}, {"target", "other"}};
  CHECK(page.value("ai_gateway_requests_total", with(other, "status", "2xx")) == "25");
  CHECK(page.value("ai_gateway_requests_total", {{"username", "user:0"}}) == "2");
  CHECK(page.value("ai_gateway_request_model_inference_failure_total",
                   with(other, "error_code", "other")) == "25");
}

TEST_CASE("cost never wraps and a negative counter takes nothing back") {
  Metrics metrics;
  Record record = test::example_record();
  record.cost = NanoUsd{INT64_MAX};
  record.usage->tokens.input = -5;
  metrics.add(record, {});
  metrics.add(record, {});
  record.cost.reset();
  record.usage.reset();
  metrics.add(record, {});
  const Exposition page(metrics.to_text(0));
  REQUIRE(page.fault() == "");
  CHECK(page.value("ai_gateway_request_cost_total", kServed) == "9223372036.854775807");
  CHECK(page.value("ai_gateway_input_tokens_total", kServed) == "0");
  CHECK(page.value("ai_gateway_requests_total", kServed) == "3");
}

TEST_CASE("threads may add while another reads") {
  Metrics metrics;
  constexpr int kRounds = 2'000;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round)
        metrics.add(test::example_record(), {"environment"});
    });
  }
  size_t faults = 0;
  for (int i = 0; i < 20; ++i)
    faults += Exposition(metrics.to_text(0)).fault().empty() ? 0 : 1;
  for (std::thread& thread : threads)
    thread.join();
  CHECK(faults == 0);
  CHECK(Exposition(metrics.to_text(0)).value("ai_gateway_requests_total", kServed) == "6000");
}

TEST_CASE("the strict reader refuses what is not the format") {
  const char* const bad[] = {
      "a 1\n",
      "# HELP a x\n# TYPE a counter\na 1",
      "# HELP a x\n# TYPE a counter\na one\n",
      "# HELP a x\n# TYPE a counter\nb 1\n",
      "# HELP a x\n# TYPE a counter\na 1\na 1\n",
      "# HELP a x\n# TYPE a counter\na{l=\"\\x\"} 1\n",
      "# HELP a x\n# TYPE a counter\na{l=\"1\",l=\"2\"} 1\n",
      "# HELP a x\n# TYPE a counter\na{l=1} 1\n",
      "# HELP a x\n# TYPE a counter\n# HELP a x\n# TYPE a counter\n",
      "# TYPE a counter\na 1\n",
      "# HELP a x\n# TYPE a number\n",
  };
  for (const char* text : bad) {
    INFO(text);
    CHECK(Exposition(text).fault() != "");
  }
  CHECK(Exposition("# HELP a x\n# TYPE a counter\na{l=\"1\"} 1\n").fault() == "");
}

}  // namespace tollgate::record
