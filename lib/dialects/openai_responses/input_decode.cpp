#include "dialects/openai_responses/input_decode.hpp"

#include <algorithm>
#include <utility>

#include "base/base64.hpp"
#include "dialects/carriage.hpp"
#include "dialects/openai_responses/client_names.hpp"
#include "json/walk.hpp"
#include "json/writer.hpp"
#include "model/tool_input.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using model::Block;
using model::BlockKind;
using model::Role;
using model::SourceKind;

/// What OpenAI ran itself in earlier turns; what came of it stands in the text.
constexpr std::string_view kHosted[] = {
    "web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call",
    "mcp_call",        "mcp_list_tools",   "mcp_approval_request",  "mcp_approval_response",
    "compaction",      "tool_search_call", "tool_search_output",
};

/// A text of nothing is none: some upstreams refuse it.
void add_text(std::string_view text, std::vector<Block>& blocks) {
  if (text.empty()) return;
  blocks.emplace_back();
  blocks.back().text = text;
}

/// "data:<media type>;base64,<data>" taken apart; false for anything else.
bool read_data_url(std::string_view url, model::Source& source) {
  constexpr std::string_view kScheme = "data:";
  constexpr std::string_view kBase64 = ";base64,";
  if (!url.starts_with(kScheme)) return false;
  const size_t comma = url.find(kBase64);
  if (comma == std::string_view::npos) return false;
  source.kind = SourceKind::kBase64;
  source.media_type = url.substr(kScheme.size(), comma - kScheme.size());
  // Parameters of the media type mean nothing here.
  source.media_type.resize(std::min(source.media_type.find(';'), source.media_type.size()));
  source.data = url.substr(comma + kBase64.size());
  return true;
}

Status at(std::string_view outer, const Status& status) {
  std::string path(outer);
  if (!status.path().empty()) path.append(".").append(status.path());
  return Status(status.code(), status.message(), std::move(path));
}

}  // namespace

Status InputReader::read(json::Value input, std::string_view text) {
  if (input.is_string()) {
    return take_content(input, turn(Role::kUser));
  }
  size_t number = 0;
  for (json::ElementWalk walk(input, text); walk.next(); ++number) {
    const Status status = take_item(walk.value(), walk.text());
    if (!status.ok()) return at("input." + std::to_string(number), status);
  }
  return Status();
}

std::vector<Block>& InputReader::turn(Role role) {
  if (request_.messages.empty() || request_.messages.back().role != role) {
    request_.messages.emplace_back();
    request_.messages.back().role = role;
  }
  return request_.messages.back().content;
}

Status InputReader::take_item(json::Value item, std::string_view text) {
  if (!item.is_object()) return invalid("Input items should be objects.");
  const std::string_view role = item["role"].string_or("");
  const std::string_view type = item["type"].string_or(role.empty() ? "" : "message");
  if (type == "message") return take_message(item, role);
  if (type == "reasoning") {
    take_reasoning(item);
    return Status();
  }
  if (std::find(std::begin(kHosted), std::end(kHosted), type) != std::end(kHosted)) {
    request_.losses.add(model::LossKind::kDropped, "input (" + std::string(type) + ")");
    return Status();
  }
  const bool answers = !item["call_id"].string_or("").empty();
  if (answers && type.ends_with("_call_output")) return take_output(item);
  if (answers && type.ends_with("_call")) {
    take_call(item, text, type);
    return Status();
  }
  if (type == "item_reference") {
    return invalid("Item references are not available here: nothing is stored. Send the item.");
  }
  return invalid("Input items of type '" + std::string(type) + "' are not available here.");
}

Status InputReader::take_message(json::Value item, std::string_view role) {
  std::vector<Block> blocks;
  Status status = take_content(item["content"], blocks);
  if (!status.ok()) return at("content", status);
  if (status.ok() && blocks.empty()) return status;
  if (role == "system" || role == "developer") {
    // Before the conversation they are its system prompt.
    std::vector<Block>& to = request_.messages.empty() ? request_.system : turn(Role::kSystem);
    std::move(blocks.begin(), blocks.end(), std::back_inserter(to));
  } else if (role == "user" || role == "assistant") {
    std::vector<Block>& to = turn(role == "user" ? Role::kUser : Role::kAssistant);
    std::move(blocks.begin(), blocks.end(), std::back_inserter(to));
  } else {
    return invalid("Invalid value: '" + std::string(role) +
                       "'. Supported values are: 'assistant', 'system', 'developer', and 'user'.",
                   "role");
  }
  return Status();
}

Status InputReader::take_content(json::Value content, std::vector<Block>& blocks) {
  if (content.is_string()) {
    add_text(content.string_or(""), blocks);
    return Status();
  }
  size_t number = 0;
  for (const json::Value part : content.elements()) {
    const Status status = take_part(part, blocks);
    if (!status.ok()) return at(std::to_string(number), status);
    ++number;
  }
  return Status();
}

Status InputReader::take_part(json::Value part, std::vector<Block>& blocks) {
  const std::string_view type = part["type"].string_or("");
  if (type == "input_text" || type == "output_text" || type == "text" || type == "summary_text") {
    add_text(part["text"].string_or(""), blocks);
    return Status();
  }
  if (type == "refusal") {
    add_text(part["refusal"].string_or(""), blocks);
    return Status();
  }
  if (type == "input_file") return take_file(part, blocks);
  if (type != "input_image" && type != "computer_screenshot") {
    return invalid("Content of type '" + std::string(type) + "' is not available here.", "type");
  }
  const std::string_view url = part["image_url"].string_or(part["image_url"]["url"].string_or(""));
  if (url.empty())
    return invalid("Images by file id are not available here: send the image itself.");
  Block image;
  image.kind = BlockKind::kImage;
  image.source.emplace();
  if (!read_data_url(url, *image.source)) {
    image.source->kind = SourceKind::kUrl;
    image.source->data = url;
  }
  blocks.push_back(std::move(image));
  return Status();
}

Status InputReader::take_file(json::Value part, std::vector<Block>& blocks) {
  Block document;
  document.kind = BlockKind::kDocument;
  document.text = part["filename"].string_or("");
  document.source.emplace();
  model::Source& source = *document.source;
  const std::string_view data = part["file_data"].string_or("");
  const std::string_view url = part["file_url"].string_or("");
  if (!data.empty()) {
    if (!read_data_url(data, source)) {
      source.media_type = "application/pdf";
      source.data = data;
    }
    if (source.media_type.starts_with("text/")) {
      const std::optional<std::string> text = base64_decode(source.data);
      if (!text) return invalid("The file's data is no base64.", "file_data");
      source.kind = SourceKind::kText;
      source.media_type = "text/plain";
      source.data = *text;
    }
  } else if (!url.empty()) {
    source.kind = SourceKind::kUrl;
    source.data = url;
  } else {
    return invalid("Files by id are not available here: send the file itself.");
  }
  blocks.push_back(std::move(document));
  return Status();
}

/// A call of a function, of a custom tool, or of a tool the client runs under a name of its own.
void InputReader::take_call(json::Value item, std::string_view text, std::string_view type) {
  Block call;
  call.kind = BlockKind::kToolUse;
  call.id = item["call_id"].string_or("");
  if (type == "function_call") {
    call.name = item["name"].string_or("");
    call.input = model::tool_input(item["arguments"].string_or(""));
  } else if (type == "custom_tool_call") {
    call.name = std::string(item["name"].string_or("")).append(kFreeformSuffix);
    json::Writer(call.input)
        .begin_object()
        .member("input", item["input"].string_or(""))
        .end_object();
  } else {
    constexpr std::string_view kCall = "_call";
    call.name = type.substr(0, type.size() - kCall.size());
    const auto action = json::find_span(text, {"action"});
    call.input =
        model::tool_input(action ? text.substr(action->offset, action->size) : std::string_view());
  }
  turn(Role::kAssistant).push_back(std::move(call));
}

Status InputReader::take_output(json::Value item) {
  Block result;
  result.kind = BlockKind::kToolResult;
  result.id = item["call_id"].string_or("");
  result.content_is_text = item["output"].is_string();
  const json::Value output = item["output"];
  // A screenshot stands alone, without a list around it.
  const Status status =
      output.is_object() ? take_part(output, result.content) : take_content(output, result.content);
  if (!status.ok()) return at("output", status);
  turn(Role::kUser).push_back(std::move(result));
  return Status();
}

void InputReader::take_reasoning(json::Value item) {
  Block block;
  block.kind = BlockKind::kThinking;
  const std::string_view encrypted = item["encrypted_content"].string_or("");
  for (const json::Value part : item["summary"].elements()) {
    if (!block.text.empty()) block.text += "\n\n";
    block.text += part["text"].string_or("");
  }
  if (encrypted.starts_with(kRedactedPrefix)) {
    block.kind = BlockKind::kRedactedThinking;
    block.text = encrypted.substr(kRedactedPrefix.size());
  } else if (encrypted.starts_with(kSignaturePrefix)) {
    block.signature = encrypted.substr(kSignaturePrefix.size());
  } else if (is_carriage(encrypted)) {
    block.signature = encrypted;
  } else {
    // Made where this gateway was not: nobody it can reach reads it.
    Carriage foreign;
    foreign.kind = "r";
    block.signature = seal_carriage(foreign);
  }
  turn(Role::kAssistant).push_back(std::move(block));
}

}  // namespace tollgate::dialects::openai_responses
