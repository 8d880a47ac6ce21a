#include <utility>

#include "dialects/bedrock_converse/betas.hpp"
#include "dialects/bedrock_converse/encoding.hpp"
#include "dialects/bedrock_converse/lessons.hpp"
#include "dialects/bedrock_converse/parts.hpp"
#include "dialects/client_tools.hpp"
#include "dialects/repair.hpp"
#include "dialects/tool_names.hpp"
#include "json/reader.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

using model::Message;
using model::Request;
using model::Role;

constexpr uint32_t kCacheMarksMax = 4;
constexpr uint32_t kToolIdBytesMax = 64;

/// System texts for models that take none: at the head of the first turn.
void prepend_system(Request& request, model::Losses& losses) {
  if (request.system.empty()) return;
  if (request.messages.empty()) request.messages.emplace_back();
  Message& first = request.messages.front();
  first.content.insert(first.content.begin(), request.system.begin(), request.system.end());
  first.content_is_text = false;
  request.system.clear();
  losses.add(model::LossKind::kReordered, "system -> first user turn");
}

/// Converse's conversations begin with a user's turn.
void begin_with_user(Request& request, model::Losses& losses) {
  if (request.messages.empty() || request.messages.front().role == Role::kUser) return;
  Message turn;
  turn.content.emplace_back();
  turn.content.front().text = "(the conversation goes on)";
  request.messages.insert(request.messages.begin(), std::move(turn));
  losses.add(model::LossKind::kReordered, "first turn (a user's, made up)");
}

/// `cache_control` beside the messages marks the last of their blocks.
void spread_cache_control(Request& request) {
  if (request.rest.empty() || request.messages.empty()) return;
  const std::string members = "{" + request.rest + "}";
  json::Document document;
  const Result<json::Value> parsed = document.parse(members);
  if (!parsed.ok() || !parsed.value()["cache_control"].is_object()) return;
  std::vector<model::Block>& content = request.messages.back().content;
  for (size_t i = content.size(); i > 0; --i) {
    model::Block& block = content[i - 1];
    // Reasoning takes no mark.
    if (block.kind == model::BlockKind::kThinking ||
        block.kind == model::BlockKind::kRedactedThinking) {
      continue;
    }
    if (mark_of(block) != nullptr) return;
    block.cache.emplace();
    block.cache->ttl = parsed.value()["cache_control"]["ttl"].string_or("");
    return;
  }
}

uint32_t cache_marks(const Request& request) {
  uint32_t marks = 0;
  for (const model::Tool& tool : request.tools)
    marks += tool.cache ? 1 : 0;
  for (const model::Block& block : request.system)
    marks += block.cache ? 1 : 0;
  for (const Message& message : request.messages) {
    for (const model::Block& block : message.content)
      marks += mark_of(block) != nullptr ? 1 : 0;
  }
  return marks;
}

Request prepared(const Request& asked, const Family& family, Translation& translation) {
  Request request = asked;
  RepairRules rules;
  rules.tool_id_bytes_max = kToolIdBytesMax;
  rules.merge_turns = true;
  rules.system_in_place = false;
  repair(request, rules, translation.losses);
  if (family.kind != FamilyKind::kClaude) describe_client_tools(request, translation.losses);
  if (!family.system || translation.facts.system_role == "prepend" ||
      is_refused(translation.lessons, "system")) {
    prepend_system(request, translation.losses);
  }
  begin_with_user(request, translation.losses);
  spread_cache_control(request);
  return request;
}

}  // namespace

Encoding::Encoding(const Request& asked, Translation& carried, std::string& out)
    : request(asked),
      translation(carried),
      family(family_of(carried.target_model)),
      claude(model::claude_model(carried.target_model)),
      writer(out) {
  const uint32_t marks = cache_marks(request);
  cache_marks_too_many = marks > kCacheMarksMax ? marks - kCacheMarksMax : 0;
  if (claude)
    betas = bedrock_betas(translation.client_betas, translation.lessons, translation.losses);
}

void Encoding::cache_point(const model::CacheMark& mark, bool between_tools) {
  if (!(between_tools ? family.caches_tools : family.caches) || (claude && !claude->caches()) ||
      is_refused(translation.lessons, "cachePoint")) {
    drop(between_tools ? "tools.cache_control" : "cache_control");
    return;
  }
  if (cache_marks_too_many > 0) {
    --cache_marks_too_many;
    drop("cache_control (more than four)");
    return;
  }
  writer.begin_object().key("cachePoint").begin_object().member("type", "default");
  if (mark.ttl == "1h") {
    if (claude && claude->caches_an_hour()) {
      writer.member("ttl", "1h");
    } else {
      drop("cache_control.ttl 1h");
    }
  }
  writer.end_object().end_object();
}

Status encode_request(const Request& asked, Translation& translation, std::string& out) {
  using model::ThinkingKind;
  const ThinkingKind thinking = asked.thinking.kind;
  const bool claude = model::claude_model(translation.target_model).has_value();
  // Newer Claude models think unless they are told not to.
  translation.thinking_wanted =
      thinking != ThinkingKind::kDisabled && (claude || thinking != ThinkingKind::kUnset);
  translation.thinking_omitted = asked.thinking.display == "omitted";
  const Request request = prepared(asked, family_of(translation.target_model), translation);
  if (request.messages.empty()) return invalid("messages: at least one message is required");
  map_tool_names(request, {.bytes_max = 64}, translation);
  Encoding encoding(request, translation, out);
  fit_thinking(encoding);
  const Result<ToolPlan> plan = plan_tools(encoding);
  if (!plan.ok()) return plan.status();
  const bool counting = translation.operation == Operation::kCountTokens;
  json::Writer& writer = encoding.writer;
  writer.begin_object();
  if (counting) writer.key("input").begin_object().key("converse").begin_object();
  encode_tools(encoding, plan.value());
  encode_system(encoding);
  if (Status status = encode_messages(encoding); !status.ok()) return status;
  encode_additional_fields(encoding, plan.value());
  if (counting) {
    writer.end_object().end_object().end_object();
    return Status();
  }
  encode_inference(encoding);
  encode_output(encoding);
  note_unsupported(encoding);
  writer.end_object();
  return Status();
}

}  // namespace tollgate::dialects::bedrock_converse
