#include "gateway/policy_runner.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/limits.hpp"
#include "config/policy_cases.hpp"
#include "exchange/explain.hpp"
#include "exchange/explain_body.hpp"
#include "gateway/scripted_host.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace tollgate::gateway {
namespace {

constexpr uint64_t kStartNs = kSecond;  // A monotonic clock that has just begun is a special case.

struct CaseResult {
  std::vector<std::string> problems;
  std::string target;
  size_t attempts = 0;
  uint32_t status = 0;
  std::string message;
};

std::string lines_of(const std::vector<config::Diagnostic>& diagnostics) {
  std::string lines;
  for (const config::Diagnostic& one : diagnostics) {
    if (one.severity != config::Severity::kError) continue;
    if (!lines.empty()) lines += '\n';
    lines += config::to_line(one);
  }
  return lines;
}

using Headers = std::vector<std::pair<std::string, std::string>>;

Headers headers_of(const config::ScriptedRequest& one) {
  Headers headers = one.headers;
  headers.emplace_back("content-type", "application/json");
  if (one.metadata.empty()) return headers;
  std::string json;
  json::Writer writer(json);
  writer.begin_object();
  for (const auto& [key, value] : one.metadata)
    writer.member(key, value);
  writer.end_object();
  headers.emplace_back("x-tollgate-metadata", json);
  return headers;
}

void expect_equal(std::string_view what, const std::string& wanted, const std::string& found,
                  CaseResult& result) {
  if (wanted == found) return;
  result.problems.push_back("expected " + std::string(what) + " " + wanted + ", found " +
                            (found.empty() ? std::string("none") : found));
}

void check_answer(const config::Expectation& expect, const std::string& answer,
                  CaseResult& result) {
  if (expect.target) expect_equal("target", *expect.target, result.target, result);
  if (expect.attempts) {
    expect_equal("attempts", std::to_string(*expect.attempts), std::to_string(result.attempts),
                 result);
  }
  if (expect.status) {
    expect_equal("status", std::to_string(*expect.status), std::to_string(result.status), result);
  }
  for (const std::string& text : expect.text) {
    if (result.message.find(text) != std::string::npos) continue;
    if (answer.find(text) != std::string::npos) continue;
    result.problems.push_back("expected the text \"" + text + "\", found \"" + result.message +
                              "\"");
  }
}

void check_rule(const std::string& wanted, const std::vector<record::Step>& steps,
                CaseResult& result) {
  std::string found;
  for (const record::Step& step : steps) {
    if (step.rule == "rule" && step.verdict == "allowed") found = step.reason;
  }
  expect_equal("rule", wanted, found, result);
}

/// The first candidate of this name in an explanation.
json::Value candidate_of(json::Value told, std::string_view target) {
  for (const json::Value candidate : told["candidates"].elements()) {
    if (candidate["target"].string_or("") == target) return candidate;
  }
  return {};
}

void check_candidates(const config::Expectation& expect, json::Value told, CaseResult& result) {
  if (expect.candidates) {
    std::string wanted;
    std::string found;
    for (const std::string& name : *expect.candidates)
      wanted += (wanted.empty() ? "" : ", ") + name;
    for (const json::Value candidate : told["candidates"].elements()) {
      if (candidate["verdict"].string_or("") == "skipped") continue;
      found += found.empty() ? "" : ", ";
      found += candidate["target"].string_or("");
    }
    expect_equal("candidates", wanted, found, result);
  }
  for (const auto& [target, reason] : expect.skipped) {
    const json::Value candidate = candidate_of(told, target);
    const std::string_view why = candidate["reason"].string_or("");
    if (candidate["verdict"].string_or("") == "skipped" && why.find(reason) != std::string::npos) {
      continue;
    }
    std::string problem = "expected ";
    problem.append(target).append(" to be skipped (").append(reason).append("), found ");
    if (candidate.exists()) {
      problem.append(candidate["verdict"].string_or("")).append(" (").append(why).append(")");
    } else {
      problem.append("no such target");
    }
    result.problems.push_back(std::move(problem));
  }
}

void check_shares(const config::PolicyCase& one, json::Value told, CaseResult& result) {
  for (const config::ExpectedShare& expected : one.expect.distribution) {
    const int64_t count = told["distribution"][expected.target].integer().value_or(0);
    const double share = static_cast<double>(count) / one.repeat;
    if (share >= expected.least && share <= expected.most) continue;
    result.problems.push_back("expected another share of " + expected.target + ", found " +
                              std::to_string(count) + " of " + std::to_string(one.repeat));
  }
}

/// What explain says of the request, before anything is tried.
void check_plan(const Gateway& gateway, const config::PolicyCase& one, const Headers& headers,
                const model::Principal* principal, Time now, CaseResult& result) {
  std::vector<tg_bytes> views;
  Headers all = headers;
  if (!one.path.empty()) all.emplace_back(":path", one.path);
  for (const auto& [name, value] : all) {
    views.push_back(bytes_of(name));
    views.push_back(bytes_of(value));
  }
  const std::string told = exchange::explain(*gateway.configuration(), *gateway.environment(),
                                             views.data(), static_cast<uint32_t>(all.size()),
                                             one.request, now, {one.seed, one.repeat, principal});
  json::Document document;
  const Result<json::Value> parsed = document.parse(told);
  if (!parsed.ok()) return;
  check_candidates(one.expect, parsed.value(), result);
  check_shares(one, parsed.value(), result);
}

/// A caller by the name of its document; null, and a problem, when there is none.
const model::Principal* caller_of(const Gateway& gateway, const config::ScriptedRequest& one,
                                  CaseResult& result) {
  const model::Principal* caller = gateway.configuration()->directory.find(one.as);
  if (caller == nullptr) result.problems.push_back("no document defines " + one.as);
  return caller;
}

class Runner {
 public:
  Runner(std::string_view config, const GatewayOptions& options, Time now)
      : config_(config), options_(options), now_(now) {
    // The same cases give the same draws, wherever they run.
    options_.seed_high = 1;
  }

  Result<CaseResult> run(const config::PolicyCase& one) {
    Time at{kStartNs, one.at_ms.value_or(now_.wall_ms)};
    GatewayOptions options = options_;
    options.seed_low = one.seed;
    auto made = Gateway::create(config_, std::move(options), at);
    if (!made.ok()) return made.status();
    const Gateway& gateway = *made.value();
    CaseResult result;
    std::vector<std::unique_ptr<ScriptedHost>> running;
    for (const config::EarlierRequest& earlier : one.before) {
      const Status status = run_earlier(gateway, earlier, at, running, result);
      if (!status.ok()) return status;
    }
    exchange::ExchangeOptions exchange_options;
    exchange_options.draw_seed = one.seed;
    exchange_options.notifies = false;
    if (!one.as.empty()) exchange_options.principal = caller_of(gateway, one, result);
    if (!result.problems.empty()) return result;
    for (const auto& spent : one.spent) {
      const auto& budget = spent.first;
      const auto rules = gateway.configuration()->rules.rules();
      const bool known = std::any_of(rules.begin(), rules.end(),
                                     [&](const policy::Rule& rule) { return rule.id == budget; });
      if (!known) result.problems.push_back("spent: there is no budget " + budget);
    }
    exchange_options.spent = one.spent;
    const model::Principal* principal = exchange_options.principal;
    auto exchange = gateway.new_exchange(std::move(exchange_options), at);
    if (!exchange.ok()) return exchange.status();
    const Headers headers = headers_of(one);
    check_plan(gateway, one, headers, principal, at, result);
    ScriptedHost host(std::move(exchange.value()), one.upstreams, at);
    const std::string path = path_of(gateway, one);
    if (Status status = host.run(headers, path, one.request); !status.ok()) return status;
    judge(one, host, result);
    return result;
  }

 private:
  static std::string path_of(const Gateway& gateway, const config::ScriptedRequest& one) {
    if (!one.path.empty()) return one.path;
    return std::string(exchange::path_of_body(one.request, gateway.environment()->documents));
  }

  /// `at` goes on as time passes; what is still running is kept in `running`.
  static Status run_earlier(const Gateway& gateway, const config::EarlierRequest& earlier, Time& at,
                            std::vector<std::unique_ptr<ScriptedHost>>& running,
                            CaseResult& result) {
    const Headers headers = headers_of(earlier);
    const std::string path = path_of(gateway, earlier);
    for (uint32_t i = 0; i < earlier.times; ++i) {
      exchange::ExchangeOptions options;
      options.notifies = false;
      if (!earlier.as.empty()) options.principal = caller_of(gateway, earlier, result);
      if (!result.problems.empty()) return Status();
      auto exchange = gateway.new_exchange(std::move(options), at);
      if (!exchange.ok()) return exchange.status();
      auto host =
          std::make_unique<ScriptedHost>(std::move(exchange.value()), earlier.upstreams, at);
      Status status = host->run(headers, path, earlier.request, earlier.running);
      if (!status.ok()) return status;
      at = host->now();
      at.mono_ns += earlier.pause_ms * kMillisecond;
      at.wall_ms += static_cast<int64_t>(earlier.pause_ms);
      if (earlier.running) running.push_back(std::move(host));
    }
    return Status();
  }

  static void judge(const config::PolicyCase& one, const ScriptedHost& host, CaseResult& result) {
    const record::Record& record = host.exchange().record();
    result.target = record.target;
    result.attempts = record.attempts.size();
    result.status = record.status;
    result.message = record.failure;
    check_answer(one.expect, host.answer(), result);
    if (one.expect.allowed) {
      expect_equal("allowed", *one.expect.allowed ? "true" : "false",
                   record.outcome == "refused" ? "false" : "true", result);
    }
    if (one.expect.rule) check_rule(*one.expect.rule, record.steps, result);
  }

  std::string_view config_;
  GatewayOptions options_;
  Time now_;
};

void write_case(json::Writer& writer, const config::PolicyCase& one, const CaseResult& result) {
  writer.begin_object()
      .member("name", one.name)
      .member("passed", result.problems.empty())
      .key("problems")
      .begin_array();
  for (const std::string& problem : result.problems)
    writer.string(problem);
  writer.end_array()
      .member("target", result.target)
      .member("attempts", static_cast<int64_t>(result.attempts))
      .member("status", static_cast<int64_t>(result.status))
      .member("message", result.message)
      .end_object();
}

}  // namespace

Result<std::string> run_policy_tests(std::string_view cases, std::string_view config,
                                     const GatewayOptions& options, Time now) {
  if (cases.size() > limits::kConfigBytesMax) {
    return Status(Code::kLimit, "the cases are larger than 16 MiB");
  }
  if (config.size() > limits::kConfigBytesMax) {
    return Status(Code::kLimit, "the configuration is larger than 16 MiB");
  }
  config::PolicyCasesResult read =
      config::read_policy_cases(cases, options.config_name, options.lookup, now);
  if (!read.cases) return Status(Code::kInvalid, lines_of(read.diagnostics));
  std::string text(config);
  GatewayOptions known = options;
  if (text.empty() && !read.cases->config.empty()) {
    if (!options.lookup(config::ReferenceKind::kFile, read.cases->config, text)) {
      return invalid("the configuration " + read.cases->config + " cannot be read", "config");
    }
    known.config_name = read.cases->config;
  }
  Runner runner(text, known, now);
  int64_t passed = 0;
  std::string report;
  std::string list;
  json::Writer cases_writer(list);
  cases_writer.begin_array();
  for (const config::PolicyCase& one : read.cases->cases) {
    const Result<CaseResult> result = runner.run(one);
    if (!result.ok()) return result.status();
    passed += result.value().problems.empty() ? 1 : 0;
    write_case(cases_writer, one, result.value());
  }
  cases_writer.end_array();
  json::Writer writer(report);
  writer.begin_object()
      .member("passed", passed)
      .member("failed", static_cast<int64_t>(read.cases->cases.size()) - passed)
      .raw_member("cases", list)
      .end_object();
  return report;
}

}  // namespace tollgate::gateway
