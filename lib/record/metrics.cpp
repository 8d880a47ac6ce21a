#include "record/metrics.hpp"

#include <algorithm>
#include <optional>

#include "base/limits.hpp"
#include "base/time.hpp"
#include "record/prometheus.hpp"

namespace tollgate::record {

namespace {

constexpr std::string_view kOther = "other";
constexpr size_t kLabelsExpected = 240;

template <typename Value>
using Rows = std::vector<std::pair<std::string, Value>>;

/// The requested model, where a policy has accepted it. What strangers and mistyped requests name
/// stays out: each name would become a series for good.
std::string_view model_label(const Record& record) {
  const bool accepted =
      !record.target.empty() || !record.attempts.empty() || record.outcome == "ok";
  return accepted ? std::string_view(record.model) : std::string_view("none");
}

std::string_view status_class(uint32_t status) {
  switch (status / 100) {
    case 1:
      return "1xx";
    case 2:
      return "2xx";
    case 3:
      return "3xx";
    case 4:
      return "4xx";
    case 5:
      return "5xx";
    default:
      return "none";
  }
}

std::string_view metadata_value(const Record& record, std::string_view key) {
  for (const auto& [name, value] : record.metadata) {
    if (name == key) return value;
  }
  return {};
}

/// `,team="…"` for every key that is to be a label. Two keys that become the same name are one
/// label, the first one's, because a name that stands twice spoils the whole page.
void append_metadata(std::string& labels, const Record& record,
                     const std::vector<std::string>& keys) {
  std::vector<std::string> names;
  for (const std::string& key : keys) {
    std::string name = label_name(key);
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    append_label(labels, name, metadata_value(record, key));
    names.push_back(std::move(name));
  }
}

std::string labels_of(const Record& record, std::string_view target, std::string_view code_name,
                      std::string_view code, const std::vector<std::string>& metadata_keys) {
  std::string labels;
  labels.reserve(kLabelsExpected);
  append_label(labels, "model_name", model_label(record));
  append_label(labels, "username", record.principal);
  append_label(labels, "target", target);
  append_label(labels, code_name, code);
  append_metadata(labels, record, metadata_keys);
  return labels;
}

std::string other_labels(std::string_view code_name, std::string_view code) {
  std::string labels;
  for (const std::string_view name : {"model_name", "username", "target"})
    append_label(labels, name, kOther);
  append_label(labels, code_name, code);
  return labels;
}

/// The entry of these labels, or the one for all others when there is no room for a new one.
template <typename Value>
Value& bounded_entry(std::unordered_map<std::string, Value>& entries, std::string labels,
                     std::string_view code_name, std::string_view other_code) {
  const auto found = entries.find(labels);
  if (found != entries.end()) return found->second;
  if (entries.size() < limits::kMetricSeriesMax) return entries[std::move(labels)];
  return entries[other_labels(code_name, other_code)];
}

uint64_t count_of(int64_t tokens) {
  return static_cast<uint64_t>(std::max<int64_t>(tokens, 0));
}

void append_head(std::string& out, std::string_view name, std::string_view kind,
                 std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(kind).append("\n");
}

void append_sample(std::string& out, std::string_view name, std::string_view suffix,
                   std::string_view labels, std::string_view value) {
  out.append(name).append(suffix).append("{").append(labels).append("} ");
  out.append(value).append("\n");
}

template <typename Value>
void append_counter(std::string& out, std::string_view name, std::string_view help,
                    const Rows<Value>& rows, uint64_t (*read)(const Value&)) {
  append_head(out, name, "counter", help);
  for (const auto& [labels, value] : rows)
    append_sample(out, name, "", labels, std::to_string(read(value)));
}

void append_cost(std::string& out, const Rows<Metrics::Series>& rows) {
  constexpr std::string_view kName = "ai_gateway_request_cost_total";
  append_head(out, kName, "counter", "Cost in USD of requests whose price is known.");
  for (const auto& [labels, series] : rows) {
    std::string usd;
    append_usd(usd, series.cost);
    append_sample(out, kName, "", labels, usd);
  }
}

void append_histogram(std::string& out, std::string_view name, std::string_view help,
                      const Rows<Metrics::Series>& rows,
                      Metrics::Histogram Metrics::Series::*member) {
  append_head(out, name, "histogram", help);
  for (const auto& [labels, series] : rows) {
    const Metrics::Histogram& histogram = series.*member;
    if (histogram.count == 0) continue;
    uint64_t below = 0;
    for (size_t i = 0; i < histogram.buckets.size(); ++i) {
      below += histogram.buckets[i];
      std::string bucket = labels;
      append_label(bucket, "le", std::to_string(Metrics::kBucketBoundsMs[i]));
      append_sample(out, name, "_bucket", bucket, std::to_string(below));
    }
    std::string bucket = labels;
    append_label(bucket, "le", "+Inf");
    append_sample(out, name, "_bucket", bucket, std::to_string(histogram.count));
    std::string sum;
    append_ms(sum, histogram.sum_us);
    append_sample(out, name, "_sum", labels, sum);
    append_sample(out, name, "_count", labels, std::to_string(histogram.count));
  }
}

void append_tokens(std::string& out, const Rows<Metrics::Series>& rows) {
  using Series = Metrics::Series;
  append_counter<Series>(out, "ai_gateway_input_tokens_total",
                         "Prompt tokens neither read from nor written to a cache.", rows,
                         [](const Series& series) { return series.input_tokens; });
  append_counter<Series>(out, "ai_gateway_output_tokens_total", "Answer tokens, thinking included.",
                         rows, [](const Series& series) { return series.output_tokens; });
  append_counter<Series>(out, "tollgate_cache_read_tokens_total",
                         "Prompt tokens read from the provider's cache.", rows,
                         [](const Series& series) { return series.cache_read_tokens; });
  append_counter<Series>(out, "tollgate_cache_write_tokens_total",
                         "Prompt tokens written to the provider's cache.", rows,
                         [](const Series& series) { return series.cache_write_tokens; });
}

template <typename Value>
Rows<Value> sorted(Rows<Value> rows) {
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return rows;
}

void add_usage(Metrics::Series& series, const model::Tokens& tokens) {
  series.input_tokens += count_of(tokens.input);
  series.output_tokens += count_of(tokens.output);
  series.cache_read_tokens += count_of(tokens.cache_read);
  series.cache_write_tokens += count_of(tokens.cache_write_5m) + count_of(tokens.cache_write_1h);
}

}  // namespace

void Metrics::Histogram::add(uint64_t duration_ns) {
  const auto* bound =
      std::find_if(kBucketBoundsMs.begin(), kBucketBoundsMs.end(),
                   [&](uint32_t bound_ms) { return duration_ns <= bound_ms * kMillisecond; });
  if (bound != kBucketBoundsMs.end()) {
    ++buckets[static_cast<size_t>(bound - kBucketBoundsMs.begin())];
  }
  ++count;
  sum_us += duration_ns / kMicrosecond;
}

/// Under the lock.
void Metrics::count_signal(const Record& record, std::string_view target, std::string_view signal,
                           uint64_t count, const std::vector<std::string>& metadata_keys) {
  if (count == 0) return;
  bounded_entry(signals_, labels_of(record, target, "signal", signal, metadata_keys), "signal",
                signal) += count;
}

/// What tells of the quality of a target's answers. Failed tools are those that the answer before
/// called.
void Metrics::count_signals(const Record& record, const std::vector<std::string>& metadata_keys) {
  const std::string_view judged =
      record.previous_target.empty() ? record.target : record.previous_target;
  const auto one_if = [](bool holds) { return holds ? uint64_t{1} : uint64_t{0}; };
  if (!judged.empty()) {
    count_signal(record, judged, "tool_error", record.tool_errors, metadata_keys);
  }
  if (record.target.empty()) return;
  count_signal(record, record.target, "client_retry", one_if(record.client_retries > 0),
               metadata_keys);
  count_signal(record, record.target, "refusal", one_if(record.stop_reason == "refusal"),
               metadata_keys);
  count_signal(record, record.target, "max_tokens", one_if(record.stop_reason == "max_tokens"),
               metadata_keys);
}

void Metrics::add(const Record& record, const std::vector<std::string>& metadata_keys) {
  if (record.feedback) {
    const std::lock_guard lock(mutex_);
    count_signal(record, record.target, "feedback", 1, metadata_keys);
    bounded_entry(ratings_, labels_of(record, record.target, "signal", "feedback", metadata_keys),
                  "signal", "feedback") += count_of(record.feedback->rating);
    return;
  }
  const std::string_view status = status_class(record.status);
  std::string labels = labels_of(record, record.target, "status", status, metadata_keys);
  std::vector<std::string> failed;
  for (const Attempt& attempt : record.attempts) {
    if (attempt.reason.empty()) continue;
    const std::string code = attempt.status == 0 ? "none" : std::to_string(attempt.status);
    failed.push_back(labels_of(record, attempt.target, "error_code", code, metadata_keys));
  }

  const std::lock_guard lock(mutex_);
  Series& series = bounded_entry(series_, std::move(labels), "status", status);
  ++series.requests;
  if (record.usage) add_usage(series, record.usage->tokens);
  if (record.cost) series.cost = add_saturating(series.cost, *record.cost);
  if (record.timings.end) series.duration.add(*record.timings.end);
  if (record.timings.first_content) series.first_token.add(*record.timings.first_content);
  if (record.timings.end && record.timings.first_content && record.usage) {
    series.output_us += elapsed(*record.timings.first_content, *record.timings.end) / kMicrosecond;
  }
  count_signals(record, metadata_keys);
  for (std::string& text : failed)
    ++bounded_entry(failures_, std::move(text), "error_code", kOther);
}

std::string Metrics::to_text(uint64_t open_exchanges) const {
  // Copied first: writing a full page takes long enough to hold up every exchange that ends.
  Rows<Series> rows;
  Rows<uint64_t> failures;
  Rows<uint64_t> signals;
  Rows<uint64_t> ratings;
  {
    const std::lock_guard lock(mutex_);
    rows.assign(series_.begin(), series_.end());
    failures.assign(failures_.begin(), failures_.end());
    signals.assign(signals_.begin(), signals_.end());
    ratings.assign(ratings_.begin(), ratings_.end());
  }
  rows = sorted(std::move(rows));
  failures = sorted(std::move(failures));

  std::string out;
  append_counter<Series>(out, "ai_gateway_requests_total", "Answered requests, refused ones too.",
                         rows, [](const Series& series) { return series.requests; });
  append_tokens(out, rows);
  append_cost(out, rows);
  append_counter<uint64_t>(out, "ai_gateway_request_model_inference_failure_total",
                           "Upstream attempts that failed; error_code is the HTTP status.",
                           failures, [](const uint64_t& count) { return count; });
  append_counter<Series>(out, "tollgate_output_ms_total",
                         "Milliseconds from the first content of answers to their end.", rows,
                         [](const Series& series) { return series.output_us / 1'000; });
  append_counter<uint64_t>(out, "tollgate_quality_signals_total",
                           "What tells of the quality of a target's answers.",
                           sorted(std::move(signals)), [](const uint64_t& count) { return count; });
  append_counter<uint64_t>(out, "tollgate_feedback_rating_total",
                           "Sum of the ratings, 1 to 5, that people gave.",
                           sorted(std::move(ratings)), [](const uint64_t& sum) { return sum; });
  append_histogram(out, "ai_gateway_request_processing_ms",
                   "Milliseconds from a request's start to the end of its answer.", rows,
                   &Series::duration);
  append_histogram(out, "ai_gateway_first_token_latency_ms",
                   "Milliseconds from a request's start to the first content of its answer.", rows,
                   &Series::first_token);
  append_head(out, "tollgate_open_exchanges", "gauge", "Exchanges that are open now.");
  out.append("tollgate_open_exchanges ").append(std::to_string(open_exchanges)).append("\n");
  return out;
}

}  // namespace tollgate::record
