#include "record/record.hpp"

#include <algorithm>
#include <string_view>

#include "base/limits.hpp"
#include "base/time.hpp"
#include "json/writer.hpp"

namespace tollgate::record {

namespace {

void write_strings(json::Writer& writer, std::string_view key,
                   const std::vector<std::string>& values) {
  writer.key(key).begin_array();
  for (const std::string& value : values)
    writer.string(value);
  writer.end_array();
}

void write_tokens(json::Writer& writer, const model::Tokens& tokens) {
  writer.member("input_tokens", tokens.input);
  writer.member("output_tokens", tokens.output);
  writer.member("cache_read_input_tokens", tokens.cache_read);
  writer.member("cache_creation_5m", tokens.cache_write_5m);
  writer.member("cache_creation_1h", tokens.cache_write_1h);
}

void write_usage(json::Writer& writer, const std::optional<model::Usage>& usage) {
  writer.key("usage");
  if (!usage) {
    writer.null();
    return;
  }
  writer.begin_object();
  write_tokens(writer, usage->tokens);
  writer.member("reasoning_tokens", usage->reasoning);
  writer.member("web_searches", usage->web_searches);
  writer.member("web_fetches", usage->web_fetches);
  writer.member("fast", usage->fast);
  writer.member("estimated", usage->estimated);
  writer.member("service_tier", usage->service_tier);
  writer.member("inference_geo", usage->inference_geo);
  writer.key("iterations").begin_array();
  for (const model::UsageIteration& iteration : usage->iterations) {
    writer.begin_object();
    writer.member("type", iteration.type);
    writer.member("model", iteration.model);
    write_tokens(writer, iteration.tokens);
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
}

void write_attempts(json::Writer& writer, const std::vector<Attempt>& attempts) {
  writer.key("attempts").begin_array();
  for (const Attempt& attempt : attempts) {
    writer.begin_object();
    writer.member("target", attempt.target);
    writer.member("status", int64_t{attempt.status});
    writer.key("ms").unsigned_integer(attempt.duration_ns / kMillisecond);
    writer.member("reason", attempt.reason);
    writer.end_object();
  }
  writer.end_array();
}

void write_steps(json::Writer& writer, const std::vector<Step>& steps) {
  writer.key("steps").begin_array();
  for (const Step& step : steps) {
    writer.begin_object();
    writer.member("rule", step.rule);
    writer.member("verdict", step.verdict);
    writer.member("reason", step.reason);
    writer.end_object();
  }
  writer.end_array();
}

void write_losses(json::Writer& writer, std::string_view key, model::LossKind kind,
                  const std::vector<model::Loss>& losses) {
  writer.key(key).begin_array();
  for (const model::Loss& loss : losses) {
    if (loss.kind == kind) writer.string(loss.what);
  }
  writer.end_array();
}

void write_metadata(json::Writer& writer, const model::Metadata& metadata) {
  writer.key("metadata").begin_object();
  for (const auto& [key, value] : metadata)
    writer.member(key, value);
  writer.end_object();
}

void write_timings(json::Writer& writer, const Timings& timings) {
  const auto point = [&writer](std::string_view key, const std::optional<uint64_t>& at_ns) {
    if (at_ns) writer.key(key).unsigned_integer(*at_ns / kMicrosecond);
  };
  writer.key("timings_us").begin_object();
  point("request_read", timings.request_read);
  point("upstream_open", timings.upstream_open);
  point("upstream_head", timings.upstream_head);
  point("first_content", timings.first_content);
  point("end", timings.end);
  writer.end_object();
}

/// At most as much of a body as a record may hold, not ending in half a character.
std::string_view cut_body(std::string_view body) {
  if (body.size() <= limits::kRecordBodyBytesMax) return body;
  size_t end = limits::kRecordBodyBytesMax;
  const size_t lowest = end - 3;
  while (end > lowest && (static_cast<unsigned char>(body[end]) & 0xC0) == 0x80)
    --end;
  return body.substr(0, end);
}

void write_bodies(json::Writer& writer, const Record& record) {
  if (!record.bodies_kept) return;
  const std::string_view request = cut_body(record.request_body);
  const std::string_view response = cut_body(record.response_body);
  const bool cut =
      request.size() < record.request_body.size() || response.size() < record.response_body.size();
  writer.member("request_body", request);
  writer.member("response_body", response);
  writer.member("bodies_cut", record.bodies_cut || cut);
}

/// What the request tells of the answers before it.
void write_quality(json::Writer& writer, const Record& record) {
  writer.member("previous_target", record.previous_target);
  writer.member("tool_errors", int64_t{record.tool_errors});
  writer.member("client_retries", int64_t{record.client_retries});
  if (!record.feedback) return;
  writer.key("feedback")
      .begin_object()
      .member("decision_id", record.feedback->decision_id)
      .member("rating", record.feedback->rating)
      .member("comment", record.feedback->comment)
      .end_object();
}

/// Who asked, what for, and what came of it.
void write_subject(json::Writer& writer, const Record& record) {
  writer.member("request_id", record.request_id);
  writer.member("decision_id", record.decision_id);
  writer.member("time", format_rfc3339(record.wall_ms));
  writer.member("operation", record.operation);
  writer.member("method", record.method);
  writer.member("path", record.path);
  writer.member("client_address", record.client_address);
  writer.member("user_agent", record.user_agent);
  writer.member("principal", record.principal);
  writer.member("token_prefix", record.token_prefix);
  write_strings(writer, "teams", record.teams);
  writer.member("model", record.model);
  writer.member("target", record.target);
  writer.member("upstream_model", record.upstream_model);
  writer.member("status", int64_t{record.status});
  writer.member("stream", record.stream);
  writer.member("outcome", record.outcome);
  writer.member("failure", record.failure);
  writer.member("stop_reason", record.stop_reason);
}

void write_money(json::Writer& writer, const Record& record) {
  write_usage(writer, record.usage);
  writer.key("cost_nano_usd");
  if (record.cost) {
    writer.integer(record.cost->value);
  } else {
    writer.null();
  }
  writer.member("reserved_nano_usd", record.reserved.value);
}

void write_losses(json::Writer& writer, const std::vector<model::Loss>& losses) {
  write_losses(writer, "dropped", model::LossKind::kDropped, losses);
  write_losses(writer, "renamed", model::LossKind::kRenamed, losses);
  write_losses(writer, "clamped", model::LossKind::kClamped, losses);
  write_losses(writer, "reordered", model::LossKind::kReordered, losses);
}

}  // namespace

std::string to_json(const Record& record) {
  // A usual record without bodies fits, so that writing it allocates once.
  constexpr size_t kUsualBytes = 2048;
  std::string out;
  out.reserve(kUsualBytes + record.request_body.size() + record.response_body.size());
  json::Writer writer(out);
  writer.begin_object();
  write_subject(writer, record);
  write_quality(writer, record);
  write_money(writer, record);
  write_attempts(writer, record.attempts);
  write_steps(writer, record.steps);
  write_losses(writer, record.losses);
  write_metadata(writer, record.metadata);
  writer.member("session_id", record.session_id);
  writer.member("agent_id", record.agent_id);
  writer.member("parent_agent_id", record.parent_agent_id);
  writer.member("policy_version", record.policy_version);
  writer.member("price_version", record.price_version);
  write_timings(writer, record.timings);
  write_bodies(writer, record);
  writer.end_object();
  return out;
}

}  // namespace tollgate::record
