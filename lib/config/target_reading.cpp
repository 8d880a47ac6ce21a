#include "config/target_reading.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "config/account_reading.hpp"
#include "config/routing_reading.hpp"
#include "config/yaml_json.hpp"

namespace tollgate::config {
namespace {

constexpr int64_t kWeightMax = 1'000'000;
constexpr int64_t kPriorityMax = 1'000'000;
constexpr int64_t kRetriesMax = 10;
constexpr int64_t kDelayMsMax = 60'000;
constexpr int64_t kCutoffMsMax = 3'600'000;
constexpr int64_t kTimeoutSecondsMax = 3'600;

/// Codes as the reference writes them ("429"), and as numbers.
router::StatusCodes read_codes(Reading& reading, const Value& list) {
  router::StatusCodes codes;
  for (const Value& item : read_list(reading, list)) {
    const std::string& text = item.node->text;
    uint32_t code = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
    const bool number = item.node->kind == NodeKind::kScalar && error == std::errc{} &&
                        end == text.data() + text.size();
    if (!number || code < router::StatusCodes::kLeast || code > router::StatusCodes::kMost) {
      if (item.node->kind == NodeKind::kFaulty) continue;
      reading.report.error(item.place(), "must be an HTTP status from 100 to 599, as \"429\"");
      continue;
    }
    codes.add(code);
  }
  return codes;
}

void read_cutoff(StrictMapping& mapping, router::Strategy strategy, router::SlaCutoff& sla) {
  const std::optional<Value> value = mapping.take("sla_cutoff");
  if (!value) return;
  if (strategy != router::Strategy::kPriority) {
    mapping.reading().report.error(value->place(), "goes with priority-based-routing only");
  }
  StrictMapping cutoff(mapping.reading(), *value);
  const int64_t first = cutoff.integer("time_to_first_token_ms", 0, 1, kCutoffMsMax);
  const int64_t output = cutoff.integer("time_per_output_token_ms", 0, 1, kCutoffMsMax);
  cutoff.done();
  sla.first_token_ns = static_cast<uint64_t>(first) * kMillisecond;
  sla.output_token_ns = static_cast<uint64_t>(output) * kMillisecond;
}

/// Members that decide what a request is, in any format: a target that wants another model names
/// it, and a request has one answer.
bool is_fixed_member(std::string_view key) {
  constexpr std::string_view kFixed[] = {"model", "stream", "messages", "input", "contents", "n"};
  return std::find(std::begin(kFixed), std::end(kFixed), key) != std::end(kFixed);
}

void read_override_params(StrictMapping& mapping, std::vector<router::OverrideParam>& params) {
  Reading& reading = mapping.reading();
  const std::optional<Value> value = mapping.take("override_params");
  if (!value) return;
  for (const Entry& entry : read_entries(reading, *value)) {
    if (entry.key == "prompt_version_fqn") {
      reading.report.warning(entry.value.place(),
                             "has no effect: this version of tollgate keeps no prompts");
      continue;
    }
    if (is_fixed_member(entry.key)) {
      reading.report.error(entry.value.place(), "cannot be overridden");
      continue;
    }
    std::optional<std::string> json = read_json(reading, entry.value);
    if (!json) continue;
    router::OverrideParam param{entry.key, std::nullopt};
    if (*json != "null") param.json = std::move(*json);
    params.push_back(std::move(param));
  }
}

bool is_changeable(Reading& reading, const Place& place, std::string_view name) {
  if (!is_header_name(name)) {
    reading.report.error(place, "is no name of a header");
    return false;
  }
  if (is_reserved_header(name)) {
    reading.report.error(place, "this header cannot be changed here");
    return false;
  }
  return true;
}

void read_headers_override(StrictMapping& mapping, router::HeadersOverride& headers) {
  Reading& reading = mapping.reading();
  const std::optional<Value> value = mapping.take("headers_override");
  if (!value) return;
  StrictMapping override_(reading, *value);
  if (const std::optional<Value> set = override_.take("set")) {
    for (const Entry& entry : read_entries(reading, *set)) {
      if (!is_changeable(reading, entry.value.place(), entry.key)) continue;
      const std::optional<Secret> text = read_secret(reading, entry.value);
      if (text) headers.set.emplace_back(entry.key, text->reveal());
    }
  }
  for (const Value& item : override_.list("remove")) {
    std::optional<std::string> name = read_string(reading, item);
    if (name && is_changeable(reading, item.place(), *name)) {
      headers.remove.push_back(std::move(*name));
    }
  }
  override_.done();
}

void read_timeouts(StrictMapping& mapping, router::RouteTarget& target) {
  const std::optional<Value> value = mapping.take("timeouts");
  if (!value) return;
  StrictMapping timeouts(mapping.reading(), *value);
  const int64_t first_byte = timeouts.integer("first_byte_seconds", 0, 1, kTimeoutSecondsMax);
  const int64_t idle = timeouts.integer("idle_seconds", 0, 1, kTimeoutSecondsMax);
  timeouts.done();
  target.first_byte_timeout_ns = static_cast<uint64_t>(first_byte) * kSecond;
  target.idle_timeout_ns = static_cast<uint64_t>(idle) * kSecond;
}

/// What a strategy goes by: its key must be there, and the others' keys would mislead.
void read_standing(StrictMapping& mapping, router::Strategy strategy, router::RouteTarget& target) {
  Reading& reading = mapping.reading();
  const std::optional<Value> weight =
      strategy == router::Strategy::kWeight ? mapping.require("weight") : mapping.take("weight");
  if (weight) {
    target.weight =
        static_cast<uint32_t>(read_integer(reading, *weight, 0, kWeightMax).value_or(1));
  }
  target.priority = static_cast<uint32_t>(mapping.integer("priority", 0, 0, kPriorityMax));
  if (strategy == router::Strategy::kComplexity) {
    const std::optional<size_t> tier = mapping.choice("tier", {"simple", "medium", "complex"});
    if (tier) target.tier = static_cast<router::Tier>(*tier);
  }
  if (weight && strategy != router::Strategy::kWeight) {
    reading.report.warning(weight->place(), "has an effect with weight-based-routing only");
  }
}

}  // namespace

void read_retry(StrictMapping& mapping, std::string_view key, uint32_t attempts_default,
                router::Retry& retry) {
  const std::optional<Value> value = mapping.take(key);
  if (!value) return;
  StrictMapping config(mapping.reading(), *value);
  retry.configured = true;
  retry.attempts = static_cast<uint32_t>(
      config.integer("attempts", static_cast<int64_t>(attempts_default), 0, kRetriesMax));
  retry.delay_ns =
      static_cast<uint64_t>(config.integer("delay", 100, 0, kDelayMsMax)) * kMillisecond;
  if (const std::optional<Value> codes = config.take("on_status_codes")) {
    retry.on = read_codes(mapping.reading(), *codes);
  }
  config.done();
}

TargetDraft read_target(Reading& reading, const Value& item, router::Strategy strategy) {
  TargetDraft draft;
  draft.place = item.place();
  StrictMapping mapping(reading, item);
  if (const std::optional<Value> name = mapping.require("target")) {
    draft.place = name->place();
    draft.name = read_string(reading, *name).value_or("");
  }
  router::RouteTarget& target = draft.target;
  read_standing(mapping, strategy, target);
  read_cutoff(mapping, strategy, target.sla);
  // The default of two is for targets that say nothing of retries at all.
  read_retry(mapping, "retry_config", 0, target.retry);
  if (const std::optional<Value> codes = mapping.take("fallback_status_codes")) {
    target.fallback_on = read_codes(reading, *codes);
  }
  target.fallback_candidate = mapping.boolean("fallback_candidate", true);
  read_override_params(mapping, target.override_params);
  read_headers_override(mapping, target.headers);
  if (const std::optional<Value> pairs = mapping.take("metadata_match")) {
    target.metadata_match = read_pairs(reading, *pairs);
  }
  read_timeouts(mapping, target);
  target.protection = read_protection(mapping);
  mapping.done();
  return draft;
}

}  // namespace tollgate::config
