#include "dialects/openai_chat/reasoning.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "dialects/carriage.hpp"
#include "json/walk.hpp"

namespace tollgate::dialects::openai_chat {
namespace {

using model::Block;
using model::BlockKind;

constexpr std::string_view kPlain = "p";
constexpr std::string_view kDetails = "d";
constexpr std::array<std::string_view, 3> kBodies = {"text", "summary", "data"};
constexpr std::array<std::string_view, 3> kFields = {"reasoning", "reasoning_content",
                                                     "reasoning_text"};

std::string_view known_field(std::string_view name) {
  for (const std::string_view field : kFields) {
    if (field == name) return field;
  }
  return kFields[1];
}

}  // namespace

void ReasoningTrace::add_text(std::string_view field, std::string_view text) {
  if (field_.empty()) field_ = field;
  text_ += text;
}

void ReasoningTrace::add_detail(json::Value detail, std::string_view text) {
  Detail found;
  for (json::MemberWalk walk(detail, text); walk.next();) {
    const std::string_view key = walk.key();
    if (key == "type") {
      found.type = walk.value().string_or("");
    } else if (key == "index") {
      found.index = walk.value().integer().value_or(-1);
    } else if (key == "signature") {
      found.signature = walk.value().string_or("");
    } else if (key == "text" || key == "summary" || key == "data") {
      if (!walk.value().is_string()) continue;
      found.body_name = key == "text" ? kBodies[0] : key == "summary" ? kBodies[1] : kBodies[2];
      found.body = walk.value().string_or("");
    } else if (!walk.value().is_null()) {
      json::append_member(found.rest, walk.whole());
    }
  }
  const bool continues = !details_.empty() && found.type != "reasoning.encrypted" &&
                         details_.back().type == found.type &&
                         details_.back().index == found.index && details_.back().signature.empty();
  if (!continues) {
    details_.push_back(std::move(found));
    return;
  }
  Detail& last = details_.back();
  if (last.body_name.empty()) last.body_name = found.body_name;
  last.body += found.body;
  last.signature = std::move(found.signature);
  if (last.rest.empty()) last.rest = std::move(found.rest);
}

void ReasoningTrace::add_details(json::Value list, std::string_view text) {
  for (json::ElementWalk walk(list, text); walk.next();) {
    if (walk.value().is_object()) add_detail(walk.value(), walk.text());
  }
}

std::string ReasoningTrace::seal(const Translation& translation) const {
  Carriage carriage;
  carriage.target = translation.target;
  carriage.credential_tag = translation.credential_tag;
  // The payload is a list of members: an object's braces are taken off again.
  std::string object;
  json::Writer writer(object);
  writer.begin_object();
  if (details_.empty()) {
    carriage.kind = kPlain;
    writer.member("f", field_);
    if (translation.thinking_omitted) writer.member("x", text_);
  } else {
    carriage.kind = kDetails;
    writer.key("d").begin_array();
    for (const Detail& detail : details_) {
      writer.begin_object().member("type", detail.type);
      if (!detail.body_name.empty()) writer.member(detail.body_name, detail.body);
      if (!detail.signature.empty()) writer.member("signature", detail.signature);
      if (detail.index >= 0) writer.member("index", detail.index);
      writer.raw_members(detail.rest).end_object();
    }
    writer.end_array();
  }
  writer.end_object();
  carriage.payload = object.substr(1, object.size() - 2);
  return seal_carriage(carriage);
}

std::string details_text(json::Value list) {
  std::string text;
  for (const json::Value detail : list.elements()) {
    text += detail["text"].string_or("");
    text += detail["summary"].string_or("");
  }
  return text;
}

namespace {

/// Reads what one block brings; false when it cannot go back to this upstream.
bool add_replayed(const Block& block, bool plain_wanted, const Translation& translation,
                  Replay& replay) {
  const bool redacted = block.kind == BlockKind::kRedactedThinking;
  const std::string_view text = redacted ? std::string_view() : std::string_view(block.text);
  const std::string_view signature = redacted ? block.text : block.signature;
  const std::string_view own_field = translation.traits.reasoning_field;
  if (signature.empty() && !text.empty()) {
    // Nobody signed it: a client's own dialect has no signatures.
    if (!plain_wanted || own_field.empty()) return false;
    replay.field = own_field;
    replay.text += text;
    return true;
  }
  const std::optional<Carriage> carriage = open_carriage(signature);
  if (!carriage) return false;
  const std::string members = "{" + carriage->payload + "}";
  json::Document document;
  const auto parsed = document.parse(members);
  if (!parsed.ok()) return false;
  if (carriage->kind == kDetails && carriage->target == translation.target) {
    for (json::MemberWalk walk(parsed.value(), members); walk.next();) {
      if (walk.key() != "d" || !walk.value().is_array() || walk.value().size() == 0) continue;
      std::string_view list = walk.text();
      list = list.substr(1, list.size() - 2);
      replay.details.append(replay.details.empty() ? "" : ",").append(list);
    }
    return !replay.details.empty();
  }
  if (carriage->kind != kPlain || !plain_wanted) return false;
  replay.field = own_field.empty() ? known_field(parsed.value()["f"].string_or("")) : own_field;
  replay.text += text.empty() ? parsed.value()["x"].string_or("") : text;
  return true;
}

}  // namespace

Replay replay_of(const std::vector<Block>& blocks, bool in_tool_turn, Translation& translation) {
  Replay replay;
  const model::UpstreamTraits& traits = translation.traits;
  const bool refused = std::any_of(translation.lessons.begin(), translation.lessons.end(),
                                   [](const model::Lesson& lesson) {
                                     return lesson.kind == model::LessonKind::kDropReasoning ||
                                            (lesson.kind == model::LessonKind::kDropField &&
                                             lesson.value == "reasoning_content");
                                   });
  const bool plain_wanted =
      traits.reasoning_replay == model::ReasoningReplay::kAll ||
      (traits.reasoning_replay == model::ReasoningReplay::kToolTurns && in_tool_turn);
  bool calls = false;
  for (const Block& block : blocks) {
    calls = calls || block.kind == BlockKind::kToolUse;
    if (block.kind != BlockKind::kThinking && block.kind != BlockKind::kRedactedThinking) continue;
    if (refused || !add_replayed(block, plain_wanted, translation, replay)) {
      translation.losses.add(model::LossKind::kDropped, "thinking (foreign or of an earlier turn)");
    }
  }
  if (!replay.details.empty()) replay.details = "[" + replay.details + "]";
  // Such a server wants to see the field in every turn that calls a tool, be it empty.
  if (replay.field.empty() && replay.details.empty() && plain_wanted && calls && !refused &&
      translation.thinking_wanted) {
    replay.field = traits.reasoning_field;
  }
  return replay;
}

}  // namespace tollgate::dialects::openai_chat
