#include <algorithm>

#include "dialects/openai_chat/answer_encode.hpp"
#include "dialects/openai_chat/parts.hpp"
#include "dialects/openai_chat/usage.hpp"
#include "json/reader.hpp"

namespace tollgate::dialects::openai_chat {

using model::Block;
using model::BlockKind;
using model::StopReason;

std::string_view finish_name(StopReason reason) {
  switch (reason) {
    case StopReason::kMaxTokens:
    case StopReason::kContextWindow:
      return "length";
    case StopReason::kToolUse:
      return "tool_calls";
    case StopReason::kRefusal:
      return "content_filter";
    default:
      return "stop";
  }
}

void write_head(std::string_view object, std::string_view id, std::string_view model,
                const Translation& translation, json::Writer& writer) {
  writer.member("id", id).member("object", object);
  writer.member("created", translation.created_at_s);
  writer.member("model", translation.requested_model.empty()
                             ? model
                             : std::string_view(translation.requested_model));
}

int64_t characters_in(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

size_t write_annotations(std::string_view citations, int64_t begin, int64_t end,
                         json::Writer& writer) {
  json::Document document;
  const auto parsed = document.parse(citations);
  if (!parsed.ok()) return 0;
  size_t written = 0;
  for (const json::Value citation : parsed.value().elements()) {
    const std::string_view url = citation["url"].string_or("");
    if (url.empty()) continue;
    writer.begin_object().member("type", "url_citation").key("url_citation").begin_object();
    writer.member("url", url).member("title", citation["title"].string_or(""));
    writer.member("start_index", begin).member("end_index", end).end_object().end_object();
    ++written;
  }
  return written;
}

void write_detail(const Block& block, size_t index, json::Writer& writer) {
  writer.begin_object();
  if (block.kind == BlockKind::kRedactedThinking) {
    writer.member("type", "reasoning.encrypted").member("data", block.text);
  } else {
    writer.member("type", "reasoning.text").member("text", block.text);
    writer.member("signature", block.signature);
  }
  writer.member("index", static_cast<int64_t>(index)).end_object();
}

namespace {

struct Collected {
  std::string text;
  std::string reasoning;
  std::string details;
  std::string annotations;
  std::string calls;
};

Collected collect(const std::vector<Block>& blocks) {
  Collected all;
  json::Writer details(all.details);
  json::Writer annotations(all.annotations);
  json::Writer calls(all.calls);
  details.begin_array();
  annotations.begin_array();
  calls.begin_array();
  size_t detail = 0;
  for (const Block& block : blocks) {
    switch (block.kind) {
      case BlockKind::kText: {
        const int64_t begin = characters_in(all.text);
        all.text += block.text;
        if (!block.citations.empty()) {
          write_annotations(block.citations, begin, characters_in(all.text), annotations);
        }
        break;
      }
      case BlockKind::kThinking:
        all.reasoning += block.text;
        if (!block.signature.empty()) write_detail(block, detail++, details);
        break;
      case BlockKind::kRedactedThinking:
        write_detail(block, detail++, details);
        break;
      case BlockKind::kToolUse:
        calls.begin_object().member("id", block.id).member("type", "function");
        calls.key("function").begin_object().member("name", block.name);
        calls.member("arguments", block.input.empty() ? "{}" : std::string_view(block.input));
        calls.end_object().end_object();
        break;
      default:
        // Tools of the server have done their work: the text tells what they found.
        break;
    }
  }
  details.end_array();
  annotations.end_array();
  calls.end_array();
  return all;
}

}  // namespace

void encode_response(const model::Response& response, Translation& translation, std::string& out) {
  constexpr std::string_view kNone = "[]";
  const Collected all = collect(response.content);
  const bool calls = all.calls != kNone;
  json::Writer writer(out);
  writer.begin_object();
  write_head("chat.completion", translation.make_id("chatcmpl-"), response.model, translation,
             writer);
  writer.key("choices").begin_array().begin_object().member("index", int64_t{0});
  writer.key("message").begin_object().member("role", "assistant").key("content");
  if (all.text.empty() && calls) {
    writer.null();
  } else {
    writer.string(all.text);
  }
  writer.key("refusal").null();
  if (!all.reasoning.empty()) writer.member("reasoning_content", all.reasoning);
  if (all.details != kNone) writer.raw_member("reasoning_details", all.details);
  if (all.annotations != kNone) writer.raw_member("annotations", all.annotations);
  if (calls) writer.raw_member("tool_calls", all.calls);
  writer.end_object();
  writer.key("logprobs").null();
  writer.member("finish_reason", finish_name(response.stop_reason)).end_object().end_array();
  model::Usage usage = response.usage;
  if (usage.tokens.prompt() == 0) usage.tokens.input = translation.input_tokens_estimate;
  write_usage(usage, writer.key("usage"));
  writer.end_object();
}

}  // namespace tollgate::dialects::openai_chat
