#include <string>
#include <utility>
#include <vector>

#include "dialects/bedrock_converse/answer.hpp"
#include "dialects/bedrock_converse/block_line.hpp"
#include "dialects/bedrock_converse/error_map.hpp"
#include "dialects/bedrock_converse/parts.hpp"
#include "json/splice.hpp"
#include "json/walk.hpp"
#include "model/stream_fold.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

using model::StreamEvent;
using model::StreamEventKind;

/// A call's arguments as they stand in the text: numbers keep their digits.
Status take_tool_use(BlockLine& line, int64_t index, json::Value block, std::string_view text) {
  if (Status status = line.begin(index, block); !status.ok()) return status;
  for (json::MemberWalk outer(block, text); outer.next();) {
    if (outer.key() != "toolUse") continue;
    for (json::MemberWalk walk(outer.value(), outer.text()); walk.next();) {
      if (walk.key() != "input") continue;
      const Status status =
          walk.value().is_object()
              ? line.add_input(index, walk.text())
              : line.add_input(index, walk.value().string().value_or(walk.text()));
      if (!status.ok()) return status;
    }
  }
  return Status();
}

Status take_cited(BlockLine& line, int64_t index, json::Value cited) {
  for (const json::Value part : cited["content"].elements()) {
    const Status status = line.add_text(index, part["text"].string_or(""));
    if (!status.ok()) return status;
  }
  for (const json::Value citation : cited["citations"].elements()) {
    if (Status status = line.add_citation(index, citation); !status.ok()) return status;
  }
  return Status();
}

Status take_block(BlockLine& line, int64_t index, json::Value block, std::string_view text) {
  if (block["toolUse"].is_object()) return take_tool_use(line, index, block, text);
  if (block["citationsContent"].is_object()) {
    return take_cited(line, index, block["citationsContent"]);
  }
  const json::Value reasoning = block["reasoningContent"];
  if (reasoning["reasoningText"].is_object()) {
    return line.add_reasoning(index, reasoning["reasoningText"]);
  }
  if (block["toolResult"].is_object() || block["image"].is_object()) {
    return line.begin(index, block);
  }
  return line.add(index, block);
}

Result<model::Response> fold(const std::vector<StreamEvent>& events) {
  model::StreamFold folded;
  for (const StreamEvent& event : events) {
    if (Status status = folded.add(event); !status.ok()) return status;
  }
  return folded.take();
}

}  // namespace

Result<model::Response> decode_response(std::string_view body, Translation& translation) {
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  if (!parsed.ok()) {
    return Status(parsed.status().code(),
                  "the upstream's answer is not valid JSON: " + parsed.status().message());
  }
  const json::Value root = parsed.value();
  const json::Value content = root["output"]["message"]["content"];
  const auto span = json::find_span(body, {"output", "message", "content"});
  if (!span || !content.is_array()) return invalid("the upstream's answer is not a message");
  std::vector<StreamEvent> events(1);
  events[0].kind = StreamEventKind::kMessageStart;
  events[0].model = translation.target_model;
  BlockLine line(translation);
  line.write_to(events);
  int64_t index = 0;
  for (json::ElementWalk walk(content, body.substr(span->offset, span->size)); walk.next();) {
    const Status status = take_block(line, index, walk.value(), walk.text());
    if (!status.ok()) return status;
    line.end(index++);
  }
  Ending ending = read_ending(root["stopReason"].string_or(""),
                              root["additionalModelResponseFields"], line.tool_calls() > 0);
  if (ending.malformed) {
    translation.failure = malformed_failure();
    return invalid("the upstream's model wrote something that is no answer");
  }
  events.emplace_back();
  events.back().kind = StreamEventKind::kMessageDelta;
  apply(std::move(ending), line.stop_found(), guardrail_explanation(root["trace"]), events.back());
  events.back().usage = read_usage(root["usage"]);
  events.emplace_back();
  events.back().kind = StreamEventKind::kMessageStop;
  return fold(events);
}

}  // namespace tollgate::dialects::bedrock_converse
