#include "dialects/openai_chat/message_decode.hpp"

#include <string>
#include <utility>

#include "model/tool_input.hpp"

namespace tollgate::dialects::openai_chat {
namespace {

using model::Block;
using model::BlockKind;
using model::Message;
using model::Role;
using model::Source;
using model::SourceKind;

constexpr std::string_view kPdf = "application/pdf";

std::string text_of(json::Value value) {
  return std::string(value.string_or(""));
}

Block text_block(std::string_view text) {
  Block block;
  block.text = text;
  return block;
}

Status wrong(const std::string& path, std::string_view what) {
  return invalid(path + ": " + std::string(what), path);
}

/// "data:image/png;base64,…" or any other URL.
Source source_of(std::string_view url) {
  constexpr std::string_view kScheme = "data:";
  constexpr std::string_view kBase64 = ";base64,";
  Source source;
  const size_t mark = url.starts_with(kScheme) ? url.find(kBase64) : std::string_view::npos;
  if (mark == std::string_view::npos) {
    source.kind = SourceKind::kUrl;
    source.data = url;
    return source;
  }
  source.kind = SourceKind::kBase64;
  const std::string_view type = url.substr(kScheme.size(), mark - kScheme.size());
  source.media_type = type.substr(0, type.find(';'));
  source.data = url.substr(mark + kBase64.size());
  return source;
}

Status decode_file(json::Value file, const std::string& path, std::vector<Block>& blocks) {
  Block block;
  block.kind = BlockKind::kDocument;
  block.text = text_of(file["filename"]);
  const std::string_view data = file["file_data"].string_or("");
  if (!data.empty()) {
    block.source = source_of(data);
    if (block.source->kind == SourceKind::kUrl) {
      // Data without the head that tells its kind.
      block.source->kind = SourceKind::kBase64;
      block.source->media_type = kPdf;
    }
  } else if (file["file_id"].is_string()) {
    block.source = Source{SourceKind::kFile, "", text_of(file["file_id"]), ""};
  } else {
    return wrong(path, "a file needs file_data or file_id");
  }
  blocks.push_back(std::move(block));
  return Status();
}

Status decode_part(json::Value part, const std::string& path, std::vector<Block>& blocks) {
  const std::string_view type = part["type"].string_or("");
  if (type == "text") {
    blocks.push_back(text_block(part["text"].string_or("")));
    return Status();
  }
  if (type == "refusal") {
    blocks.push_back(text_block(part["refusal"].string_or("")));
    return Status();
  }
  if (type == "image_url") {
    const json::Value image = part["image_url"];
    const std::string_view url =
        image.is_string() ? image.string_or("") : image["url"].string_or("");
    if (url.empty()) return wrong(path + ".image_url.url", "Field required");
    Block block;
    block.kind = BlockKind::kImage;
    block.source = source_of(url);
    blocks.push_back(std::move(block));
    return Status();
  }
  if (type == "file") return decode_file(part["file"], path, blocks);
  return wrong(path, "parts of type '" + std::string(type) + "' are not available here");
}

Status decode_content(json::Value content, const std::string& path, std::vector<Block>& blocks) {
  if (content.is_string()) {
    blocks.push_back(text_block(content.string_or("")));
    return Status();
  }
  size_t index = 0;
  for (const json::Value part : content.elements()) {
    const std::string place = path + ".content[" + std::to_string(index++) + "]";
    if (Status status = decode_part(part, place, blocks); !status.ok()) return status;
  }
  return Status();
}

/// Reasoning with what proves it; without proof no upstream takes it back.
void decode_reasoning(json::Value details, std::vector<Block>& blocks) {
  for (const json::Value detail : details.elements()) {
    Block block;
    if (detail["type"].string_or("") == "reasoning.encrypted") {
      block.kind = BlockKind::kRedactedThinking;
      block.text = text_of(detail["data"]);
      if (block.text.empty()) continue;
    } else {
      block.kind = BlockKind::kThinking;
      block.text = text_of(detail["text"]);
      block.signature = text_of(detail["signature"]);
      if (block.signature.empty()) continue;
    }
    blocks.push_back(std::move(block));
  }
}

Status decode_assistant(json::Value value, const std::string& path, Message& message) {
  decode_reasoning(value["reasoning_details"], message.content);
  if (Status status = decode_content(value["content"], path, message.content); !status.ok()) {
    return status;
  }
  if (!value["refusal"].string_or("").empty()) {
    message.content.push_back(text_block(value["refusal"].string_or("")));
  }
  size_t index = 0;
  for (const json::Value call : value["tool_calls"].elements()) {
    const std::string place = path + ".tool_calls[" + std::to_string(index++) + "]";
    const json::Value function = call["function"];
    Block block;
    block.kind = BlockKind::kToolUse;
    block.id = text_of(call["id"]);
    block.name = text_of(function["name"]);
    if (block.id.empty()) return wrong(place + ".id", "Field required");
    if (block.name.empty()) return wrong(place + ".function.name", "Field required");
    block.input = model::tool_input(function["arguments"].string_or(""));
    message.content.push_back(std::move(block));
  }
  // An empty text beside calls says nothing, and other dialects refuse it.
  std::erase_if(message.content, [&](const Block& block) {
    return block.kind == BlockKind::kText && block.text.empty() && message.content.size() > 1;
  });
  return Status();
}

Status decode_result(json::Value value, const std::string& path, model::Request& request,
                     bool follows_result) {
  Block block;
  block.kind = BlockKind::kToolResult;
  block.id = text_of(value["tool_call_id"]);
  if (block.id.empty()) return wrong(path + ".tool_call_id", "Field required");
  block.content_is_text = value["content"].is_string();
  if (Status status = decode_content(value["content"], path, block.content); !status.ok()) {
    return status;
  }
  if (!follows_result) request.messages.emplace_back();
  request.messages.back().content.push_back(std::move(block));
  return Status();
}

}  // namespace

Status decode_messages(json::Value messages, model::Request& request) {
  size_t index = 0;
  bool follows_result = false;
  for (const json::Value value : messages.elements()) {
    const std::string path = "messages[" + std::to_string(index++) + "]";
    const std::string_view role = value["role"].string_or("");
    if (role == "tool") {
      if (Status status = decode_result(value, path, request, follows_result); !status.ok()) {
        return status;
      }
      follows_result = true;
      continue;
    }
    follows_result = false;
    Message message;
    message.content_is_text = value["content"].is_string();
    Status status;
    if (role == "assistant") {
      message.role = Role::kAssistant;
      message.content_is_text = false;
      status = decode_assistant(value, path, message);
    } else if (role == "user" || role == "system" || role == "developer") {
      message.role = role == "user" ? Role::kUser : Role::kSystem;
      status = decode_content(value["content"], path, message.content);
    } else {
      return wrong(path + ".role", "expected system, developer, user, assistant or tool");
    }
    if (!status.ok()) return status;
    if (message.role == Role::kSystem && request.messages.empty()) {
      for (Block& block : message.content)
        request.system.push_back(std::move(block));
      continue;
    }
    request.messages.push_back(std::move(message));
  }
  return Status();
}

}  // namespace tollgate::dialects::openai_chat
