#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/money.hpp"
#include "model/loss.hpp"
#include "model/principal.hpp"
#include "model/usage.hpp"

namespace tollgate::record {

/// One upstream attempt.
struct Attempt {
  std::string target;   ///< "account/integration".
  uint32_t status = 0;  ///< HTTP status, 0 when there was no answer.
  uint64_t duration_ns = 0;
  std::string reason;  ///< Why it failed, a few words; empty when it served.
};

/// One rule or step that was looked at, and its verdict.
struct Step {
  std::string rule;     ///< "access", "model", "admission", a rule's id.
  std::string verdict;  ///< "allowed", "denied", "skipped".
  std::string reason;
};

/// What somebody thought of an earlier answer.
struct Feedback {
  std::string decision_id;  ///< Of that answer.
  int64_t rating = 0;       ///< 1 (bad) to 5 (good).
  std::string comment;
};

/// Points of an exchange's life, nanoseconds since its start; absent when not reached.
struct Timings {
  std::optional<uint64_t> request_read;
  std::optional<uint64_t> upstream_open;
  std::optional<uint64_t> upstream_head;
  std::optional<uint64_t> first_content;
  std::optional<uint64_t> end;
};

/// All that is kept of one exchange. `outcome` is one of "ok", "refused", "failed", "cancelled".
struct Record {
  std::string request_id;
  std::string decision_id;
  int64_t wall_ms = 0;
  std::string operation;  ///< "messages", "count_tokens", "models", "other".
  std::string method;
  std::string path;
  std::string client_address;
  std::string principal;     ///< "user:…", "virtualaccount:…", "anonymous".
  std::string token_prefix;  ///< How the principal's gateway token begins; empty: not known.
  std::vector<std::string> teams;
  std::string model;   ///< As requested.
  std::string target;  ///< "account/integration" that served; empty when none did.
  std::string upstream_model;
  uint32_t status = 0;  ///< What the client got.
  bool stream = false;
  std::optional<model::Usage> usage;
  std::optional<NanoUsd> cost;  ///< Absent when no price is known.
  std::vector<Attempt> attempts;
  std::vector<Step> steps;
  std::string outcome;
  std::string failure;  ///< The message the client was shown, or why the stream ended.
  std::string stop_reason;
  std::string previous_target;  ///< That served the conversation before; empty: not known.
  uint32_t tool_errors = 0;     ///< Results in the last message of tools that failed.
  uint32_t client_retries = 0;  ///< So often the client says it has asked before.
  std::optional<Feedback> feedback;
  std::vector<model::Loss> losses;
  model::Metadata metadata;
  std::string session_id;
  std::string agent_id;
  std::string parent_agent_id;
  std::string user_agent;
  std::string policy_version;
  std::string price_version;
  Timings timings;
  NanoUsd reserved;
  bool bodies_kept = false;
  std::string request_body;  ///< When bodies_kept; cut at limits::kRecordBodyBytesMax.
  std::string response_body;
  bool bodies_cut = false;
};

/// One JSON object without line breaks, fields as docs/reference/records.md lists them.
std::string to_json(const Record& record);

}  // namespace tollgate::record
