#include "config/document_types.hpp"
#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

record::LoggingSettings settings_of(const std::string& lines) {
  const LoadResult result = load_text("type: gateway-global-settings\nname: global\n" + lines);
  CAPTURE(lines, findings_of(result));
  REQUIRE(result.configuration);
  return result.configuration->logging;
}

TEST_CASE("logging settings decide who may ask for bodies") {
  CHECK(settings_of("").bodies == record::BodyLogging::kHeaderControlled);
  CHECK_FALSE(settings_of("").log_body_by_default);
  CHECK(settings_of("logging_settings: {type: always}\n").bodies == record::BodyLogging::kAlways);
  CHECK(settings_of("logging_settings: {type: never}\n").bodies == record::BodyLogging::kNever);
  const record::LoggingSettings asked =
      settings_of("logging_settings: {type: header_controlled, log_body_by_default: true}\n");
  CHECK(asked.bodies == record::BodyLogging::kHeaderControlled);
  CHECK(asked.log_body_by_default);
}

TEST_CASE("chosen metadata becomes metric labels") {
  CHECK(
      settings_of("metrics: {metadata_keys: [environment, cost-center]}\n").metric_metadata_keys ==
      std::vector<std::string>{"environment", "cost-center"});
}

router::Retry retry_of(const std::string& lines) {
  const LoadResult result = load_text("type: gateway-global-settings\n" + lines);
  CAPTURE(lines, findings_of(result));
  REQUIRE(result.configuration);
  return result.configuration->retry;
}

TEST_CASE("retry settings hold for all that say nothing of retries") {
  const router::Retry built_in = retry_of("");
  CHECK_FALSE(built_in.configured);
  CHECK(built_in.attempts == 2);
  CHECK(built_in.delay_ns == 100 * kMillisecond);
  CHECK(built_in.on == router::Retry::default_codes());
  const router::Retry own =
      retry_of("retry_settings: {attempts: 5, delay: 250, on_status_codes: [\"429\", 503]}\n");
  CHECK(own.configured);
  CHECK(own.attempts == 5);
  CHECK(own.delay_ns == 250 * kMillisecond);
  CHECK(own.on == router::StatusCodes{429, 503});
  CHECK(retry_of("retry_settings: {delay: 10}\n").attempts == 2);
  CHECK(retry_of("retry_settings: {attempts: 0}\n").attempts == 0);
}

TEST_CASE(
    "a target that says nothing of retries has those of the settings, one that does its own") {
  const LoadResult result = load_text(
      "type: provider-account/anthropic\nname: house\nauth_data: {type: api-key, api_key: k}\n"
      "integrations: [{name: m, model_id: m}, {name: n, model_id: n}]\n---\n"
      "name: v\nrouting_config:\n  type: priority-based-routing\n  load_balance_targets:\n"
      "    - {target: house/m}\n    - {target: house/n, retry_config: {attempts: 1}}\n---\n"
      "type: gateway-global-settings\nretry_settings: {attempts: 4, delay: 30}\n");
  CAPTURE(findings_of(result));
  REQUIRE(result.configuration);
  const router::Routes& routes = result.configuration->routes;
  const auto& targets = routes.models()[routes.find("v")].routing.targets;
  REQUIRE(targets.size() == 2);
  CHECK(targets[0].retry.attempts == 4);
  CHECK(targets[0].retry.delay_ns == 30 * kMillisecond);
  CHECK(targets[1].retry.attempts == 1);
  CHECK(targets[1].retry.delay_ns == 100 * kMillisecond);
}

const FindingCase kFaults[] = {
    {"no type", "logging_settings: {}", "t.yaml:2:19: logging_settings.type: is required\n"},
    {"an unknown type", "logging_settings: {type: sometimes}",
     "t.yaml:2:26: logging_settings.type: must be one of always, never, header_controlled, found "
     "is "
     "sometimes\n"},
    {"a default nobody asks", "logging_settings: {type: never, log_body_by_default: true}",
     "t.yaml:2:54: logging_settings.log_body_by_default: warning: has an effect only with type: "
     "header_controlled\n"},
    {"a label twice", "metrics: {metadata_keys: [a, a]}",
     "t.yaml:2:30: metrics.metadata_keys[1]: this key stands in the list twice\n"},
    {"a label with a space", "metrics: {metadata_keys: ['a b']}",
     "t.yaml:2:27: metrics.metadata_keys[0]: must be 1 to 64 characters without spaces\n"},
    {"settings that are not kept yet", "guardrail_settings: {timeout_ms: 3000}",
     "t.yaml:2:1: guardrail_settings: is not supported by this version of tollgate: remove it\n"},
    {"too many retries", "retry_settings: {attempts: 11}",
     "t.yaml:2:28: retry_settings.attempts: must be a whole number from 0 to 10\n"},
    {"a status that is none", "retry_settings: {on_status_codes: [\"5xx\"]}",
     "t.yaml:2:36: retry_settings.on_status_codes[0]: must be an HTTP status from 100 to 599, as "
     "\"429\"\n"},
    {"a second document", "---\ntype: gateway-global-settings",
     "t.yaml:3:1: a second gateway-global-settings document, the first is in line 1\n"},
};

TEST_CASE("faulty settings are reported where they stand") {
  for (const FindingCase& row : kFaults) {
    CAPTURE(row.name);
    CHECK(findings_of(load_text("type: gateway-global-settings\n" + std::string(row.text) +
                                "\n")) == row.findings);
  }
}

TEST_CASE("labels are bounded") {
  std::string keys;
  for (int i = 0; i < 17; ++i)
    keys += (i == 0 ? "k" : ", k") + std::to_string(i);
  const LoadResult result =
      load_text("type: gateway-global-settings\nmetrics: {metadata_keys: [" + keys + "]}\n");
  CHECK_FALSE(result.configuration);
  CHECK(findings_of(result).find("metrics.metadata_keys[16]: at most 16 keys can be labels") !=
        std::string::npos);
}

}  // namespace
}  // namespace tollgate::config
