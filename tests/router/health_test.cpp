#include "router/health.hpp"

#include "support/catch.hpp"

namespace tollgate::router {
namespace {

constexpr EndpointClass kMessages = EndpointClass::kMessages;

Time at(uint64_t seconds) {
  return {seconds * kSecond, 0};
}

TargetReport failed(uint64_t retry_after_s = 0) {
  TargetReport report;
  report.outcome = Outcome::kFailed;
  report.retry_after_ns = retry_after_s * kSecond;
  return report;
}

TargetReport served(uint64_t opened_s) {
  TargetReport report;
  report.outcome = Outcome::kServed;
  report.opened_ns = opened_s * kSecond;
  return report;
}

TEST_CASE("two failures in two minutes make a target unhealthy until the window empties") {
  Health health;
  health.report(1, kMessages, failed(), at(100));
  CHECK(health.view(1, kMessages, at(100)).healthy);
  health.report(1, kMessages, failed(), at(150));
  const TargetView down = health.view(1, kMessages, at(151));
  CHECK_FALSE(down.healthy);
  CHECK_FALSE(down.probe);
  CHECK(down.failures == 2);
  CHECK_FALSE(health.view(1, kMessages, at(219)).healthy);
  CHECK(health.view(1, kMessages, at(220)).healthy);
}

TEST_CASE("failures that lie apart, and what the client did wrong, do not count") {
  Health health;
  health.report(1, kMessages, failed(), at(100));
  health.report(1, kMessages, failed(), at(221));
  CHECK(health.view(1, kMessages, at(221)).healthy);
  for (int i = 0; i < 5; ++i)
    health.report(2, kMessages, {}, at(100));
  CHECK(health.view(2, kMessages, at(100)).healthy);
}

TEST_CASE("a fault of one endpoint says nothing about another, nor about another target") {
  Health health;
  health.report(1, EndpointClass::kCountTokens, failed(), at(100));
  health.report(1, EndpointClass::kCountTokens, failed(), at(100));
  CHECK_FALSE(health.view(1, EndpointClass::kCountTokens, at(101)).healthy);
  CHECK(health.view(1, kMessages, at(101)).healthy);
  CHECK(health.view(2, EndpointClass::kCountTokens, at(101)).healthy);
}

TEST_CASE("retry-after cools at once, and a shorter one does not shorten it") {
  Health health;
  health.report(1, kMessages, failed(30), at(100));
  health.report(1, kMessages, failed(5), at(101));
  const TargetView cooled = health.view(1, kMessages, at(120));
  CHECK_FALSE(cooled.healthy);
  CHECK_FALSE(cooled.probe);
  CHECK(cooled.cooled_until == 130 * kSecond);
}

TEST_CASE("an unhealthy target is probed by one request at a time, and served is healthy again") {
  Health health;
  health.report(1, kMessages, failed(), at(100));
  health.report(1, kMessages, failed(), at(101));
  CHECK_FALSE(health.view(1, kMessages, at(115)).probe);
  CHECK(health.view(1, kMessages, at(116)).probe);
  health.begin_probe(1, kMessages, at(116));
  CHECK_FALSE(health.view(1, kMessages, at(117)).probe);
  SECTION("it serves") {
    health.report(1, kMessages, served(116), at(118));
    CHECK(health.view(1, kMessages, at(118)).healthy);
  }
  SECTION("it fails") {
    health.report(1, kMessages, failed(), at(118));
    CHECK_FALSE(health.view(1, kMessages, at(119)).probe);
    CHECK(health.view(1, kMessages, at(133)).probe);
  }
  SECTION("nobody hears of it") {
    CHECK(health.view(1, kMessages, at(131)).probe);
  }
  SECTION("an answer that began before the failures proves nothing") {
    health.report(1, kMessages, served(90), at(118));
    CHECK_FALSE(health.view(1, kMessages, at(118)).healthy);
  }
}

TEST_CASE("averages roll with their windows") {
  Health health;
  const auto sample = [&](uint64_t when, uint64_t first_ms, uint64_t output_ms) {
    TargetReport report = served(when);
    report.first_token_ns = first_ms * kMillisecond;
    report.output_token_ns = output_ms * kMillisecond;
    health.report(1, kMessages, report, at(when));
  };
  sample(1'000, 100, 10);
  sample(1'100, 300, 30);
  TargetView view = health.view(1, kMessages, at(1'100));
  CHECK(view.recent.samples == 2);
  CHECK(view.recent.first_token_ns == 200 * kMillisecond);
  CHECK(view.usual.output_token_ns == 20 * kMillisecond);
  view = health.view(1, kMessages, at(1'180));
  CHECK(view.recent.samples == 1);
  CHECK(view.recent.first_token_ns == 300 * kMillisecond);
  CHECK(view.usual.samples == 2);
  view = health.view(1, kMessages, at(2'300));
  CHECK(view.recent.samples == 0);
  CHECK(view.usual.samples == 0);
}

TEST_CASE("only the last hundred samples count") {
  Health health;
  TargetReport report = served(1);
  for (uint64_t i = 0; i < 150; ++i) {
    report.first_token_ns = (i < 50 ? 1'000 : 100) * kMillisecond;
    health.report(1, kMessages, report, at(10));
  }
  const Latency usual = health.view(1, kMessages, at(10)).usual;
  CHECK(usual.samples == 100);
  CHECK(usual.first_token_ns == 100 * kMillisecond);
}

TEST_CASE("targets are bounded, and quiet ones make room") {
  Health health;
  for (uint64_t i = 0; i < Health::kTargetsMax; ++i)
    health.report(i, kMessages, failed(), at(100));
  health.report(1'000'000, kMessages, failed(10), at(101));
  CHECK(health.view(1'000'000, kMessages, at(101)).healthy);
  health.report(1'000'000, kMessages, failed(10), at(1'400));
  CHECK_FALSE(health.view(1'000'000, kMessages, at(1'400)).healthy);
}

}  // namespace
}  // namespace tollgate::router
