#include "model/stream_unfold.hpp"

#include <utility>

#include "json/reader.hpp"
#include "json/walk.hpp"

namespace tollgate::model {
namespace {

UsagePatch patch_of(const Usage& usage) {
  UsagePatch patch;
  patch.input = usage.tokens.input;
  patch.cache_read = usage.tokens.cache_read;
  patch.cache_write = usage.tokens.cache_write_5m + usage.tokens.cache_write_1h;
  patch.cache_write_5m = usage.tokens.cache_write_5m;
  patch.cache_write_1h = usage.tokens.cache_write_1h;
  patch.output = usage.tokens.output;
  if (usage.reasoning > 0) patch.reasoning = usage.reasoning;
  if (usage.web_searches > 0) patch.web_searches = usage.web_searches;
  if (usage.web_fetches > 0) patch.web_fetches = usage.web_fetches;
  if (usage.fast) patch.fast = true;
  if (!usage.service_tier.empty()) patch.service_tier = usage.service_tier;
  if (!usage.inference_geo.empty()) patch.inference_geo = usage.inference_geo;
  if (!usage.iterations.empty()) patch.iterations = usage.iterations;
  return patch;
}

void add_delta(uint32_t index, DeltaKind kind, std::string text, std::vector<StreamEvent>& out) {
  StreamEvent& event = out.emplace_back();
  event.kind = StreamEventKind::kBlockDelta;
  event.index = index;
  event.delta = kind;
  (kind == DeltaKind::kCitation ? event.raw : event.text) = std::move(text);
}

void add_citations(uint32_t index, const std::string& citations, std::vector<StreamEvent>& out) {
  json::Document document;
  const auto list = document.parse(citations);
  if (!list.ok()) return;
  for (json::ElementWalk walk(list.value(), citations); walk.next();)
    add_delta(index, DeltaKind::kCitation, std::string(walk.text()), out);
}

void add_block(uint32_t index, Block block, std::vector<StreamEvent>& out) {
  const BlockKind kind = block.kind;
  std::string text;
  std::string signature;
  std::string input;
  std::string citations;
  if (kind == BlockKind::kText || kind == BlockKind::kThinking) {
    text = std::exchange(block.text, {});
    signature = std::exchange(block.signature, {});
    if (kind == BlockKind::kText) citations = std::exchange(block.citations, {});
  } else if (kind == BlockKind::kToolUse || kind == BlockKind::kServerToolUse) {
    input = std::exchange(block.input, "{}");
  }
  StreamEvent& start = out.emplace_back();
  start.kind = StreamEventKind::kBlockStart;
  start.index = index;
  start.block = std::move(block);
  if (!text.empty()) {
    add_delta(index, kind == BlockKind::kText ? DeltaKind::kText : DeltaKind::kThinking,
              std::move(text), out);
  }
  if (!citations.empty()) add_citations(index, citations, out);
  if (!signature.empty()) add_delta(index, DeltaKind::kSignature, std::move(signature), out);
  if (!input.empty()) add_delta(index, DeltaKind::kInputJson, std::move(input), out);
  StreamEvent& stop = out.emplace_back();
  stop.kind = StreamEventKind::kBlockStop;
  stop.index = index;
}

}  // namespace

void unfold(const Response& response, std::vector<StreamEvent>& out) {
  StreamEvent& start = out.emplace_back();
  start.kind = StreamEventKind::kMessageStart;
  start.id = response.id;
  start.model = response.model;
  start.rest = response.rest;
  start.usage = patch_of(response.usage);
  start.usage_rest = response.usage_rest;
  uint32_t index = 0;
  for (const Block& block : response.content)
    add_block(index++, block, out);
  StreamEvent& end = out.emplace_back();
  end.kind = StreamEventKind::kMessageDelta;
  end.stop_reason = response.stop_reason;
  end.stop_reason_name = response.stop_reason_name;
  end.stop_sequence = response.stop_sequence;
  end.has_stop_sequence = response.has_stop_sequence;
  end.stop_details = response.stop_details;
  end.usage = patch_of(response.usage);
  out.emplace_back().kind = StreamEventKind::kMessageStop;
}

}  // namespace tollgate::model
