#include "dialects/openai_responses/answer_encode.hpp"

#include "dialects/carriage.hpp"
#include "dialects/openai_errors.hpp"
#include "dialects/openai_responses/client_names.hpp"
#include "dialects/openai_responses/parts.hpp"
#include "json/reader.hpp"
#include "json/walk.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using model::Block;
using model::BlockKind;

struct ItemName {
  ClientItem item;
  std::string_view type;
  std::string_view prefix;
};

constexpr ItemName kItemNames[] = {
    {ClientItem::kText, "message", "msg_"},
    {ClientItem::kThinking, "reasoning", "rs_"},
    {ClientItem::kCall, "function_call", "fc_"},
    {ClientItem::kFreeform, "custom_tool_call", "ctc_"},
    {ClientItem::kSearch, "web_search_call", "ws_"},
};

const ItemName& row_of(ClientItem item) {
  for (const ItemName& row : kItemNames) {
    if (row.item == item) return row;
  }
  return kItemNames[0];
}

/// What comes back as it is, and tells its maker.
std::string carried(const Block& block) {
  if (block.kind == BlockKind::kRedactedThinking) return std::string(kRedactedPrefix) + block.text;
  if (block.signature.empty() || is_carriage(block.signature)) return block.signature;
  return std::string(kSignaturePrefix) + block.signature;
}

void write_sources(std::string_view results, json::Writer& writer) {
  json::Document document;
  const Result<json::Value> parsed = document.parse(results);
  if (!parsed.ok()) return;
  writer.key("sources").begin_array();
  for (const json::Value result : parsed.value().elements()) {
    const std::string_view url = result["url"].string_or("");
    if (url.empty()) continue;
    writer.begin_object().member("type", "url").member("url", url).end_object();
  }
  writer.end_array();
}

std::string query_of(std::string_view input) {
  json::Document document;
  const Result<json::Value> parsed = document.parse(input);
  return parsed.ok() ? std::string(parsed.value()["query"].string_or("")) : std::string();
}

void write_error(const model::Failure& failure, json::Writer& writer) {
  const std::string_view code = openai_error_code(failure);
  writer.begin_object().member("code", code.empty() ? std::string_view("server_error") : code);
  writer.member("message", failure.message).end_object();
}

}  // namespace

ClientItem client_item(const Block& block) {
  switch (block.kind) {
    case BlockKind::kText:
      return ClientItem::kText;
    case BlockKind::kThinking:
    case BlockKind::kRedactedThinking:
      return ClientItem::kThinking;
    case BlockKind::kToolUse:
      return block.name.ends_with(kFreeformSuffix) ? ClientItem::kFreeform : ClientItem::kCall;
    case BlockKind::kServerToolUse:
      return block.name == "web_search" ? ClientItem::kSearch : ClientItem::kNone;
    default:
      return ClientItem::kNone;
  }
}

std::string client_item_id(ClientItem item, Translation& translation) {
  return translation.make_id(row_of(item).prefix);
}

std::string_view freeform_name(std::string_view name) {
  return name.substr(0, name.size() - std::min(name.size(), kFreeformSuffix.size()));
}

std::string freeform_input(std::string_view input) {
  json::Document document;
  const Result<json::Value> parsed = document.parse(input);
  if (!parsed.ok()) return std::string(input);
  const auto text = parsed.value()["input"].string();
  return std::string(text ? *text : input);
}

bool is_cut_call(const Block& block) {
  return block.kind == BlockKind::kToolUse && !block.input.empty() &&
         !json::Document().parse(block.input).ok();
}

size_t characters_in(std::string_view text) {
  size_t count = 0;
  for (const char c : text)
    count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return count;
}

bool write_annotation(std::string_view citation, size_t text_characters, json::Writer& writer) {
  json::Document document;
  const Result<json::Value> parsed = document.parse(citation);
  if (!parsed.ok()) return false;
  const std::string_view url = parsed.value()["url"].string_or("");
  if (url.empty()) return false;
  writer.begin_object().member("type", "url_citation").member("url", url);
  writer.member("title", parsed.value()["title"].string_or(url));
  writer.member("start_index", int64_t{0});
  writer.member("end_index", static_cast<int64_t>(text_characters)).end_object();
  return true;
}

void write_text_part(std::string_view text, std::string_view citations, json::Writer& writer) {
  writer.begin_object().member("type", "output_text").member("text", text);
  writer.key("annotations").begin_array();
  if (!citations.empty()) {
    json::Document document;
    const Result<json::Value> parsed = document.parse(citations);
    if (parsed.ok()) {
      const size_t characters = characters_in(text);
      for (json::ElementWalk walk(parsed.value(), citations); walk.next();)
        write_annotation(walk.text(), characters, writer);
    }
  }
  writer.end_array().key("logprobs").begin_array().end_array().end_object();
}

void write_client_item(const Block& block, ClientItem item, std::string_view id,
                       std::string_view sources, bool cut, json::Writer& writer) {
  writer.begin_object().member("id", id).member("type", row_of(item).type);
  if (item != ClientItem::kThinking) writer.member("status", cut ? "incomplete" : "completed");
  switch (item) {
    case ClientItem::kText:
      writer.member("role", "assistant").key("content").begin_array();
      write_text_part(block.text, block.citations, writer);
      writer.end_array();
      break;
    case ClientItem::kThinking: {
      const bool shown = block.kind == BlockKind::kThinking && !block.text.empty();
      writer.key("summary").begin_array();
      if (shown) {
        writer.begin_object().member("type", "summary_text").member("text", block.text);
        writer.end_object();
      }
      writer.end_array().member("encrypted_content", carried(block));
      break;
    }
    case ClientItem::kCall:
      writer.member("call_id", block.id).member("name", block.name);
      writer.member("arguments", block.input.empty() ? "{}" : std::string_view(block.input));
      break;
    case ClientItem::kFreeform:
      writer.member("call_id", block.id).member("name", freeform_name(block.name));
      writer.member("input", freeform_input(block.input));
      break;
    case ClientItem::kSearch:
      writer.key("action").begin_object().member("type", "search");
      writer.member("query", query_of(block.input));
      write_sources(sources, writer);
      writer.end_object();
      break;
    case ClientItem::kNone:
      break;
  }
  writer.end_object();
}

void set_status(model::StopReason reason, AnswerHead& head) {
  using model::StopReason;
  head.status = "incomplete";
  if (reason == StopReason::kMaxTokens || reason == StopReason::kContextWindow) {
    head.incomplete_reason = "max_output_tokens";
  } else if (reason == StopReason::kRefusal) {
    head.incomplete_reason = "content_filter";
  } else {
    head.status = "completed";
  }
}

void write_answer(const AnswerHead& head, const Translation& translation, json::Writer& writer) {
  writer.begin_object().member("id", head.id).member("object", "response");
  writer.member("created_at", translation.created_at_s).member("status", head.status);
  writer.member("background", false).key("error");
  if (head.failure != nullptr) {
    write_error(*head.failure, writer);
  } else {
    writer.null();
  }
  writer.key("incomplete_details");
  if (head.incomplete_reason.empty()) {
    writer.null();
  } else {
    writer.begin_object().member("reason", head.incomplete_reason).end_object();
  }
  writer.key("instructions").null().key("max_output_tokens").null();
  writer.member("model", head.model);
  writer.key("output").begin_array().raw_members(head.output).end_array();
  writer.member("parallel_tool_calls", !translation.single_tool_call);
  writer.key("previous_response_id").null();
  writer.raw_member("reasoning", R"({"effort":null,"summary":null})").member("store", false);
  writer.raw_member("temperature", "1").raw_member("text", R"({"format":{"type":"text"}})");
  writer.member("tool_choice", "auto").raw_member("tools", "[]").raw_member("top_p", "1");
  writer.member("truncation", "disabled").key("usage");
  if (head.usage != nullptr) {
    write_usage(*head.usage, translation, writer);
  } else {
    writer.null();
  }
  writer.key("user").null().raw_member("metadata", "{}").end_object();
}

}  // namespace tollgate::dialects::openai_responses
