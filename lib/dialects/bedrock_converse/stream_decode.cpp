#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "dialects/bedrock_converse/answer.hpp"
#include "dialects/bedrock_converse/block_line.hpp"
#include "dialects/bedrock_converse/error_map.hpp"
#include "dialects/bedrock_converse/parts.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

using model::StreamEvent;
using model::StreamEventKind;

constexpr std::array<std::string_view, 6> kEvents = {"messageStart",      "contentBlockStart",
                                                     "contentBlockDelta", "contentBlockStop",
                                                     "messageStop",       "metadata"};

class Decoder final : public StreamDecoder {
 public:
  explicit Decoder(Translation& translation) : translation_(translation), line_(translation) {}

  Status on_event(std::string_view name, std::string_view data,
                  std::vector<StreamEvent>& out) override;
  Status on_end(std::vector<StreamEvent>& out) override;

 private:
  Status take(std::string_view name, json::Value event, std::vector<StreamEvent>& out);
  void start(std::vector<StreamEvent>& out);
  void finish(std::vector<StreamEvent>& out);
  void fail(model::Failure failure, std::vector<StreamEvent>& out);

  Translation& translation_;
  BlockLine line_;
  json::Document document_;
  bool started_ = false;
  bool stop_seen_ = false;
  bool usage_seen_ = false;
  bool complete_ = false;
  bool failed_ = false;
  Ending ending_;
  model::UsagePatch usage_;
  std::string explanation_;  ///< Of a guardrail.
};

Status Decoder::on_event(std::string_view name, std::string_view data,
                         std::vector<StreamEvent>& out) {
  if (complete_ || failed_) return Status();
  if (is_exception(name)) {
    fail(exception_failure(name, data), out);
    return Status();
  }
  // What is yet to come may hold what it likes ("initial-response" holds nothing).
  if (std::find(kEvents.begin(), kEvents.end(), name) == kEvents.end()) return Status();
  const Result<json::Value> parsed = document_.parse(data);
  if (!parsed.ok() || !parsed.value().is_object()) {
    return invalid("the upstream's stream holds an event that is no JSON object");
  }
  return take(name, parsed.value(), out);
}

Status Decoder::take(std::string_view name, json::Value event, std::vector<StreamEvent>& out) {
  line_.write_to(out);
  if (name == "metadata") {
    usage_ = read_usage(event["usage"]);
    explanation_ = guardrail_explanation(event["trace"]);
    // Some put it before the end; it is told behind the last block either way.
    if (stop_seen_) finish(out);
    usage_seen_ = true;
    return Status();
  }
  if (name == "messageStart") {
    start(out);
    return Status();
  }
  if (name == "messageStop") {
    start(out);
    line_.end_all();
    ending_ = read_ending(event["stopReason"].string_or(""), event["additionalModelResponseFields"],
                          line_.tool_calls() > 0);
    stop_seen_ = true;
    if (ending_.malformed) {
      fail(malformed_failure(), out);
    } else if (usage_seen_) {
      finish(out);
    }
    return Status();
  }
  const bool begins = name == "contentBlockStart";
  const bool adds = name == "contentBlockDelta";
  if (stop_seen_) return invalid("the upstream's stream goes on behind its messageStop");
  start(out);
  const int64_t index = event["contentBlockIndex"].integer().value_or(0);
  if (begins) return line_.begin(index, event["start"]);
  if (adds) return line_.add(index, event["delta"]);
  line_.end(index);
  return Status();
}

void Decoder::start(std::vector<StreamEvent>& out) {
  if (std::exchange(started_, true)) return;
  StreamEvent event;
  event.kind = StreamEventKind::kMessageStart;
  event.model = translation_.target_model;
  out.push_back(std::move(event));
}

void Decoder::finish(std::vector<StreamEvent>& out) {
  complete_ = true;
  StreamEvent event;
  event.kind = StreamEventKind::kMessageDelta;
  apply(ending_, line_.stop_found(), explanation_, event);
  event.usage = usage_;
  out.push_back(std::move(event));
  StreamEvent stop;
  stop.kind = StreamEventKind::kMessageStop;
  out.push_back(std::move(stop));
}

void Decoder::fail(model::Failure failure, std::vector<StreamEvent>& out) {
  failed_ = true;
  StreamEvent event;
  event.kind = StreamEventKind::kError;
  event.failure = std::move(failure);
  out.push_back(std::move(event));
}

Status Decoder::on_end(std::vector<StreamEvent>& out) {
  if (complete_ || failed_) return Status();
  if (!stop_seen_) return invalid("the upstream's stream stopped in the middle");
  // The end was told; only the numbers are missing.
  finish(out);
  return Status();
}

}  // namespace

std::unique_ptr<StreamDecoder> make_stream_decoder(Translation& translation) {
  return std::make_unique<Decoder>(translation);
}

}  // namespace tollgate::dialects::bedrock_converse
