#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "config/diagnostic.hpp"
#include "config/load.hpp"
#include "model/principal.hpp"

// Policy tests as their file has them; docs/operating/policy-tests.md describes it.
namespace tollgate::config {

/// What a scripted upstream does with one call.
struct ScriptedOutcome {
  enum class Kind : uint8_t { kOk, kStatus, kTransport, kTimeout, kEmpty };
  Kind kind = Kind::kOk;
  uint32_t status = 200;  ///< kStatus.
  int32_t failure = 0;    ///< kTransport: a tg_failure.
  std::optional<int64_t> retry_after_s;
  std::string message;
  // kOk:
  std::optional<uint64_t> first_token_ms = {};
  std::optional<uint64_t> token_ms = {};  ///< For each token of the answer.
  std::optional<int64_t> input_tokens = {};
  std::optional<int64_t> output_tokens = {};
};

/// A target's outcomes in order; the last one goes on.
struct ScriptedTarget {
  std::string target;
  std::vector<ScriptedOutcome> outcomes;
};

struct ExpectedShare {
  std::string target;
  double least = 0;
  double most = 1;
};

/// What a case wants; absent members are not looked at.
struct Expectation {
  std::optional<bool> allowed;
  std::optional<std::string> target;
  std::optional<int64_t> attempts;
  std::optional<int64_t> status;
  std::vector<std::string> text;  ///< Each stands in the answer.
  std::optional<std::string> rule;
  std::optional<std::vector<std::string>> candidates;        ///< Those to be tried, in order.
  std::vector<std::pair<std::string, std::string>> skipped;  ///< Target, part of the reason.
  std::vector<ExpectedShare> distribution;
};

/// A request, who sends it, and what the upstreams do with it.
struct ScriptedRequest {
  std::string as;  ///< A subject; empty: the headers say who it is.
  std::vector<std::pair<std::string, std::string>> headers;
  model::Metadata metadata;
  std::string path;     ///< Empty: by the body's shape.
  std::string request;  ///< JSON.
  std::vector<ScriptedTarget> upstreams;
};

/// What came before the request that a case is about.
struct EarlierRequest : ScriptedRequest {
  uint32_t times = 1;
  bool running = false;   ///< It is still being answered when the case's own request comes.
  uint64_t pause_ms = 0;  ///< Goes by after each.
};

struct PolicyCase : ScriptedRequest {
  std::string name;
  std::optional<int64_t> at_ms;
  std::vector<std::pair<std::string, int64_t>> spent;  ///< Budget, nano-USD.
  std::vector<EarlierRequest> before;
  uint32_t repeat = 1;
  uint64_t seed = 0;
  Expectation expect;
};

struct PolicyCases {
  std::string config;  ///< A file's name, or empty.
  std::vector<PolicyCase> cases;
};

struct PolicyCasesResult {
  std::optional<PolicyCases> cases;  ///< Absent when there are errors.
  std::vector<Diagnostic> diagnostics;
};

PolicyCasesResult read_policy_cases(std::string_view text, std::string_view file_name,
                                    const Lookup& lookup, Time now);

}  // namespace tollgate::config
