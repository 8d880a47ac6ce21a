// Calls of functions, code the model ran and searches it made; and how an answer ends.

#include <algorithm>
#include <array>
#include <utility>

#include "dialects/gemini_generate/answer.hpp"
#include "dialects/gemini_generate/tool_ids.hpp"
#include "json/walk.hpp"
#include "json/writer.hpp"
#include "model/tool_input.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

using model::Block;
using model::BlockKind;
using model::StopReason;
using model::StreamEvent;
using Kind = model::StreamEventKind;

/// What a finish reason comes to.
enum class Ending : uint8_t {
  kDone,
  kCut,  ///< max_tokens.
  kRefused,
  kCalls,    ///< Calls, of which one may not exist: the client says so to the model.
  kNothing,  ///< There is nothing to use in it.
};

struct Finish {
  std::string_view reason;
  Ending ending;
};

constexpr std::array<Finish, 16> kFinishes = {{
    {"STOP", Ending::kDone},
    {"MAX_TOKENS", Ending::kCut},
    {"CONTINUATION", Ending::kCut},
    {"SAFETY", Ending::kRefused},
    {"PROHIBITED_CONTENT", Ending::kRefused},
    {"BLOCKLIST", Ending::kRefused},
    {"SPII", Ending::kRefused},
    {"RECITATION", Ending::kRefused},
    {"LANGUAGE", Ending::kRefused},
    {"MODEL_ARMOR", Ending::kRefused},
    {"UNEXPECTED_TOOL_CALL", Ending::kCalls},
    {"MALFORMED_FUNCTION_CALL", Ending::kNothing},
    {"MALFORMED_RESPONSE", Ending::kNothing},
    {"MISSING_THOUGHT_SIGNATURE", Ending::kNothing},
    {"TOO_MANY_TOOL_CALLS", Ending::kNothing},
    {"NO_IMAGE", Ending::kNothing},
}};

/// Models now and then put the name of an imagined module before a function's.
std::string_view bare_name(const Translation& translation, std::string_view name) {
  if (translation.client_tool_name(name) != name) return name;
  for (const std::string_view module : {"default_api.", "default_api:"}) {
    if (!name.starts_with(module)) continue;
    const std::string_view bare = name.substr(module.size());
    const std::string_view client = translation.client_tool_name(bare);
    const auto& declared = translation.declared_tools;
    if (std::find(declared.begin(), declared.end(), client) != declared.end()) return bare;
  }
  return name;
}

/// Arguments as they were written, where they are an object.
std::string_view arguments_of(json::Value part, std::string_view text) {
  for (json::MemberWalk walk(part, text); walk.next();) {
    if (walk.key() != "functionCall") continue;
    for (json::MemberWalk call(walk.value(), walk.text()); call.next();) {
      if (call.key() == "args" && call.value().is_object()) return call.text();
    }
  }
  return {};
}

}  // namespace

void Answer::call_part(json::Value part, std::string_view text, Events& out) {
  const json::Value call = part["functionCall"];
  const std::string_view name = call["name"].string_or("");
  const json::Value pieces = call["partialArgs"];
  const bool goes_on = call["willContinue"].boolean() == true;
  if (!name.empty()) {
    close_call(out);
    if (translation_.single_tool_call && calls_ > 0) {
      translation_.losses.add(model::LossKind::kDropped, "functionCall (one call an answer)");
      return;
    }
    const std::string_view signature = part["thoughtSignature"].string_or("");
    if (!signature.empty()) signed_apart(SignedPart::kNextCall, signature, out);
    partial_.emplace();
    partial_->name = name;
    partial_->id = call["id"].string_or("");
    partial_->whole = text.empty() ? std::string_view() : arguments_of(part, text);
    // Servers that copy this API write arguments as OpenAI does.
    if (const auto quoted = call["args"].string()) partial_->whole = model::tool_input(*quoted);
  }
  if (!partial_) {
    if (call.size() > 0) {
      translation_.losses.add(model::LossKind::kDropped, "functionCall (without a name)");
    }
    return;
  }
  for (const json::Value piece : pieces.elements())
    partial_->args.add(piece);
  if (!goes_on) close_call(out);
}

void Answer::close_call(Events& out) {
  if (!partial_) return;
  const PartialCall call = std::move(*partial_);
  partial_.reset();
  std::string arguments = call.whole.empty() ? call.args.json() : call.whole;
  if (call.args.broken()) {
    translation_.losses.add(model::LossKind::kDropped, "partialArgs (a path that leads nowhere)");
  }
  Block block;
  block.kind = BlockKind::kToolUse;
  block.id = client_call_id(call.id, ids_, translation_);
  block.name = translation_.client_tool_name(bare_name(translation_, call.name));
  block.input = "{}";
  close_block(out);
  any_content_ = true;
  ++calls_;
  StreamEvent start;
  start.kind = Kind::kBlockStart;
  start.index = blocks_;
  start.block = std::move(block);
  out.push_back(std::move(start));
  StreamEvent delta;
  delta.kind = Kind::kBlockDelta;
  delta.index = blocks_;
  delta.delta = model::DeltaKind::kInputJson;
  delta.text = std::move(arguments);
  out.push_back(std::move(delta));
  StreamEvent stop;
  stop.kind = Kind::kBlockStop;
  stop.index = blocks_++;
  out.push_back(std::move(stop));
}

/// Parts no client asked for: shown as text where they can be, so that nothing is lost unseen.
void Answer::other_part(json::Value part, Events& out) {
  if (part["thoughtSignature"].is_string()) {
    translation_.losses.add(model::LossKind::kDropped,
                            "thoughtSignature (of a part shown as text)");
  }
  std::string text;
  if (const json::Value code = part["executableCode"]; code.is_object()) {
    std::string language(code["language"].string_or(""));
    for (char& c : language)
      c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    text = "\n```" + language + "\n" + std::string(code["code"].string_or("")) + "\n```\n";
  } else if (const json::Value result = part["codeExecutionResult"]; result.is_object()) {
    text = "\n```\n" + std::string(result["output"].string_or("")) + "\n```\n";
  } else if (const json::Value data = part["inlineData"]; data.is_object()) {
    text = "[The model made a file of type " + std::string(data["mimeType"].string_or("unknown")) +
           ", which cannot be passed on.]";
    translation_.losses.add(model::LossKind::kDropped, "inlineData of the answer");
  } else {
    for (const json::Member member : part.members()) {
      if (member.key == "thoughtSignature") continue;
      translation_.losses.add(model::LossKind::kDropped,
                              "part " + std::string(member.key) + " of the answer");
    }
    return;
  }
  add_text(text, out);
}

void Answer::read_search_results(json::Value chunks) {
  search_results_.clear();
  json::Writer writer(search_results_);
  writer.begin_array();
  for (const json::Value chunk : chunks.elements()) {
    const json::Value web = chunk["web"];
    if (!web["uri"].is_string()) continue;
    writer.begin_object().member("type", "web_search_result");
    writer.member("url", web["uri"].string_or(""));
    writer.member("title", web["title"].string_or(web["uri"].string_or("")));
    writer.member("encrypted_content", "").key("page_age").null().end_object();
  }
  writer.end_array();
}

/// The searches the model made, told as Anthropic's own server tool tells them.
void Answer::emit_search(Events& out) {
  if (queries_.empty() || search_results_.empty()) return;
  Block use;
  use.kind = BlockKind::kServerToolUse;
  use.type = "server_tool_use";
  use.id = translation_.make_id("srvtoolu_");
  use.name = "web_search";
  json::Writer(use.input).begin_object().member("query", queries_.front()).end_object();
  Block result;
  result.kind = BlockKind::kServerToolResult;
  result.type = "web_search_tool_result";
  result.id = use.id;
  result.input = search_results_;
  usage_.web_searches = static_cast<int64_t>(queries_.size());
  emit_block(std::move(use), out);
  emit_block(std::move(result), out);
}

Status Answer::finish(Events& out) {
  if (over()) return Status();
  if (!started_) return invalid("the upstream's answer ended before it began");
  if (!ended_) return invalid("the upstream's answer ended in the middle");
  close_call(out);
  close_block(out);
  if (!block_reason_.empty() && (!any_content_ || finish_reason_.empty())) {
    end(StopReason::kRefusal, out);
    return Status();
  }
  emit_search(out);
  Ending ending = any_content_ ? Ending::kDone : Ending::kNothing;
  for (const Finish& row : kFinishes) {
    if (row.reason == finish_reason_) ending = row.ending;
  }
  if (finish_reason_.starts_with("IMAGE_")) ending = Ending::kRefused;
  if (ending == Ending::kCalls && calls_ == 0) ending = Ending::kNothing;
  switch (ending) {
    case Ending::kDone:
    case Ending::kCalls:
      end(calls_ > 0 ? StopReason::kToolUse : StopReason::kEndTurn, out);
      break;
    case Ending::kCut:
      end(StopReason::kMaxTokens, out);
      break;
    case Ending::kRefused:
      end(StopReason::kRefusal, out);
      break;
    case Ending::kNothing:
      fail(finish_reason_, out);
      break;
  }
  return Status();
}

}  // namespace tollgate::dialects::gemini_generate
