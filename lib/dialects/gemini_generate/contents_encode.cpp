// The conversation: turns, parts, calls and their results.

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dialects/gemini_generate/media.hpp"
#include "dialects/gemini_generate/parts.hpp"
#include "dialects/gemini_generate/signatures.hpp"
#include "dialects/gemini_generate/tool_ids.hpp"
#include "json/reader.hpp"
#include "model/tool_input.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

using model::Block;
using model::BlockKind;
using model::Message;
using model::Role;

class ContentsWriter {
 public:
  ContentsWriter(const Encoding& encoding, json::Writer& writer)
      : encoding_(encoding), writer_(writer) {}

  Status run();

 private:
  struct Call {
    std::string name;
    std::string id;  ///< The upstream's own; empty when it gave none.
  };

  void open_turn(Role role);
  void close_turn();
  void write_text(std::string_view text, std::string_view signature, bool thought);
  void assistant_block(const Block& block, bool current);
  void thinking_block(const Block& block);
  void call_block(const Block& block, bool current);
  Status user_message(const Message& message);
  Status result_block(const Block& block, std::vector<MediaPart>& after);
  Status user_block(const Block& block);
  void other_block(const Block& block, Role role);
  void write_response(const Block& block, const std::string& text,
                      const std::vector<MediaPart>& media);
  size_t current_turn_begin() const;
  std::string name_of(std::string_view call_id) const;

  const Encoding& encoding_;
  json::Writer& writer_;
  std::unordered_map<std::string_view, Call> calls_;
  std::string call_signature_;  ///< Carried just before the next call.
  std::string text_signature_;  ///< Carried just before the next text.
  Role role_ = Role::kSystem;   ///< Of the open turn; kSystem: none is open.
  bool any_turn_ = false;
  bool call_in_turn_ = false;
};

void ContentsWriter::open_turn(Role role) {
  if (role_ == role) return;
  close_turn();
  if (!any_turn_ && role == Role::kAssistant) {
    // A conversation begins with its user, else a call of a function would stand first.
    writer_.begin_object().member("role", "user").key("parts").begin_array();
    writer_.begin_object().member("text", ".").end_object().end_array().end_object();
  }
  any_turn_ = true;
  role_ = role;
  call_in_turn_ = false;
  writer_.begin_object().member("role", role == Role::kAssistant ? "model" : "user");
  writer_.key("parts").begin_array();
}

void ContentsWriter::close_turn() {
  if (role_ != Role::kSystem) writer_.end_array().end_object();
  role_ = Role::kSystem;
}

void ContentsWriter::write_text(std::string_view text, std::string_view signature, bool thought) {
  writer_.begin_object().member("text", text);
  if (thought) writer_.member("thought", true);
  if (!signature.empty()) writer_.member("thoughtSignature", signature);
  writer_.end_object();
}

/// Calls behind the last thing the user said are checked for their signatures. A turn that only
/// brings results (and remarks beside them) goes on with the same work.
size_t ContentsWriter::current_turn_begin() const {
  const std::vector<Message>& messages = encoding_.request.messages;
  for (size_t i = messages.size(); i > 0; --i) {
    const Message& message = messages[i - 1];
    if (message.role == Role::kAssistant || message.content.empty()) continue;
    bool results = false;
    for (const Block& block : message.content)
      results = results || block.kind == BlockKind::kToolResult;
    if (!results) return i;
  }
  return 0;
}

void ContentsWriter::thinking_block(const Block& block) {
  const bool redacted = block.kind == BlockKind::kRedactedThinking;
  const std::string& field = redacted ? block.text : block.signature;
  std::optional<CarriedSignature> carried = open_signature(encoding_.translation, field);
  if (!carried) {
    encoding_.lose(redacted ? "redacted_thinking (foreign)" : "thinking (foreign)");
    return;
  }
  const bool own = carried->part == SignedPart::kThought;
  if (!redacted && !block.text.empty()) {
    open_turn(Role::kAssistant);
    write_text(block.text, own ? carried->signature : std::string_view(), true);
  }
  switch (carried->part) {
    case SignedPart::kNextCall:
      call_signature_ = std::move(carried->signature);
      break;
    case SignedPart::kNextText:
      text_signature_ = std::move(carried->signature);
      break;
    case SignedPart::kOwnText:
      open_turn(Role::kAssistant);
      write_text("", carried->signature, false);
      break;
    case SignedPart::kThought:
      break;
  }
}

void ContentsWriter::call_block(const Block& block, bool current) {
  open_turn(Role::kAssistant);
  Call call;
  call.name = encoding_.translation.upstream_tool_name(block.name);
  if (!encoding_.refuses("id")) call.id = upstream_tool_id(block.id);
  std::string signature = std::exchange(call_signature_, {});
  if (signature.empty() && encoding_.line.wants_signatures && current && !call_in_turn_) {
    signature = kBypassSignature;
    encoding_.lose("thoughtSignature of a tool_use (not at hand)");
  }
  call_in_turn_ = true;
  writer_.begin_object().key("functionCall").begin_object();
  if (!call.id.empty()) writer_.member("id", call.id);
  writer_.member("name", call.name);
  writer_.raw_member("args",
                     block.input.starts_with('{') ? block.input : model::tool_input(block.input));
  writer_.end_object();
  if (!signature.empty()) writer_.member("thoughtSignature", signature);
  writer_.end_object();
  calls_.insert_or_assign(block.id, std::move(call));
}

/// What no other API has blocks for. A summary of what came before is the user's to say.
void ContentsWriter::other_block(const Block& block, Role role) {
  if (block.type == "compaction") {
    json::Document document;
    const auto rest = document.parse("{" + block.rest + "}");
    const std::string_view text = rest.ok() ? rest.value()["content"].string_or("") : "";
    if (!text.empty()) {
      open_turn(Role::kUser);
      write_text(text, {}, false);
      if (role == Role::kAssistant) encoding_.lose("compaction block -> user text");
      return;
    }
  }
  encoding_.lose("content block " + block.type);
}

void ContentsWriter::assistant_block(const Block& block, bool current) {
  switch (block.kind) {
    case BlockKind::kThinking:
    case BlockKind::kRedactedThinking:
      thinking_block(block);
      return;
    case BlockKind::kToolUse:
      text_signature_.clear();
      call_block(block, current);
      return;
    case BlockKind::kText:
      call_signature_.clear();
      if (!block.citations.empty() && block.citations != "[]") encoding_.lose("citations");
      if (block.text.empty()) return;
      open_turn(Role::kAssistant);
      write_text(block.text, std::exchange(text_signature_, {}), false);
      return;
    case BlockKind::kServerToolUse:
    case BlockKind::kServerToolResult:
      encoding_.lose("content block " + block.type);
      return;
    case BlockKind::kOther:
      other_block(block, Role::kAssistant);
      return;
    default:
      encoding_.lose("media in an assistant's turn");
  }
}

std::string ContentsWriter::name_of(std::string_view call_id) const {
  const auto found = calls_.find(call_id);
  return found == calls_.end() ? "unknown" : found->second.name;
}

void ContentsWriter::write_response(const Block& block, const std::string& text,
                                    const std::vector<MediaPart>& media) {
  const auto found = calls_.find(block.id);
  writer_.begin_object().key("functionResponse").begin_object();
  if (found != calls_.end() && !found->second.id.empty()) writer_.member("id", found->second.id);
  writer_.member("name", name_of(block.id));
  writer_.key("response").begin_object();
  writer_.member(block.is_error ? "error" : "output", text).end_object();
  if (!media.empty()) {
    writer_.key("parts").begin_array();
    for (const MediaPart& part : media)
      write_media_part(part, writer_);
    writer_.end_array();
  }
  writer_.end_object().end_object();
}

Status ContentsWriter::result_block(const Block& block, std::vector<MediaPart>& after) {
  const bool inside = encoding_.line.media_in_results && !encoding_.refuses("parts");
  std::string text;
  const auto add_line = [&](std::string_view line) {
    if (!text.empty()) text += '\n';
    text += line;
  };
  std::vector<MediaPart> media;
  std::vector<MediaPart> behind;
  for (const Block& part : block.content) {
    if (part.kind == BlockKind::kText) {
      add_line(part.text);
    } else if (part.kind == BlockKind::kToolReference) {
      add_line("The tool " + std::string(encoding_.translation.upstream_tool_name(part.name)) +
               " is available now.");
    } else if (part.kind == BlockKind::kImage || part.kind == BlockKind::kDocument ||
               part.kind == BlockKind::kSearchResult) {
      std::vector<MediaPart> parts;
      if (Status status = media_parts(encoding_, part, inside, parts); !status.ok()) return status;
      for (MediaPart& each : parts) {
        if (!each.text.empty()) {
          add_line(each.text);
        } else if (inside && each.file == nullptr) {
          media.push_back(std::move(each));
        } else {
          behind.push_back(std::move(each));
        }
      }
    } else {
      encoding_.lose("tool_result content " + part.type);
    }
  }
  if (!behind.empty()) {
    add_line("(see the files attached behind the results)");
    MediaPart label;
    label.text = "Attached by the result of " + name_of(block.id) + ":";
    after.push_back(std::move(label));
    for (MediaPart& each : behind)
      after.push_back(std::move(each));
    encoding_.translation.losses.add(model::LossKind::kReordered,
                                     "media of a tool_result -> user parts");
  } else if (!media.empty() && text.empty()) {
    text = "(see the attached files)";
  }
  write_response(block, text, media);
  return Status();
}

Status ContentsWriter::user_block(const Block& block) {
  switch (block.kind) {
    case BlockKind::kText:
      if (block.text.empty()) return Status();
      open_turn(Role::kUser);
      write_text(block.text, {}, false);
      return Status();
    case BlockKind::kImage:
    case BlockKind::kDocument:
    case BlockKind::kSearchResult: {
      std::vector<MediaPart> parts;
      if (Status status = media_parts(encoding_, block, false, parts); !status.ok()) return status;
      for (const MediaPart& part : parts) {
        open_turn(Role::kUser);
        write_media_part(part, writer_);
      }
      return Status();
    }
    case BlockKind::kToolReference:
      open_turn(Role::kUser);
      write_text("The tool " + std::string(encoding_.translation.upstream_tool_name(block.name)) +
                     " is available now.",
                 {}, false);
      return Status();
    case BlockKind::kOther:
      if (block.type == "container_upload") {
        return invalid("Files kept by another provider cannot be sent to " +
                       encoding_.translation.target_model + ".");
      }
      other_block(block, Role::kUser);
      return Status();
    default:
      encoding_.lose("content block " + block.type);
      return Status();
  }
}

Status ContentsWriter::user_message(const Message& message) {
  std::vector<MediaPart> after;
  bool results_over = false;
  const auto end_results = [&] {
    if (results_over) return;
    results_over = true;
    for (const MediaPart& part : after)
      write_media_part(part, writer_);
  };
  for (const Block& block : message.content) {
    Status status;
    if (block.kind == BlockKind::kToolResult) {
      open_turn(Role::kUser);
      status = result_block(block, after);
    } else {
      end_results();
      status = user_block(block);
    }
    if (!status.ok()) return status;
  }
  end_results();
  return Status();
}

Status ContentsWriter::run() {
  const size_t current = current_turn_begin();
  writer_.key("contents").begin_array();
  const std::vector<Message>& messages = encoding_.request.messages;
  for (size_t i = 0; i < messages.size(); ++i) {
    const Message& message = messages[i];
    if (message.role != Role::kAssistant) {
      const Status status = user_message(message);
      if (!status.ok()) return Status(status.code(), status.message(), "messages");
      continue;
    }
    for (const Block& block : message.content)
      assistant_block(block, i >= current);
    call_signature_.clear();
    text_signature_.clear();
  }
  if (role_ != Role::kUser) {
    // Nothing to answer, or an answer begun by the client, which is not taken here.
    const bool answered = any_turn_;
    if (answered) {
      encoding_.translation.losses.add(model::LossKind::kReordered,
                                       "assistant's turn at the end (followed by \"Continue.\")");
    }
    open_turn(Role::kUser);
    write_text(answered ? "Continue." : ".", {}, false);
  }
  close_turn();
  writer_.end_array();
  return Status();
}

}  // namespace

Status encode_contents(const Encoding& encoding, json::Writer& writer) {
  return ContentsWriter(encoding, writer).run();
}

}  // namespace tollgate::dialects::gemini_generate
