#include "dialects/openai_chat/messages.hpp"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "dialects/openai_chat/reasoning.hpp"
#include "dialects/openai_parts.hpp"

namespace tollgate::dialects::openai_chat {
namespace {

using model::Block;
using model::BlockKind;
using model::LossKind;
using model::Message;
using model::Role;
using model::SourceKind;

constexpr std::string_view kOmittedImage = "[image omitted: the model cannot see images]";
constexpr std::string_view kEmpty = "(empty)";

void write_cache_mark(const model::CacheMark& mark, json::Writer& writer) {
  writer.key("cache_control").begin_object().member("type", "ephemeral");
  if (!mark.ttl.empty()) writer.member("ttl", mark.ttl);
  writer.end_object();
}

/// The parts of one user message. One text alone is written as a plain string, which every server
/// takes.
class Parts {
 public:
  Parts() : writer_(json_) { writer_.begin_array(); }

  json::Writer& begin(std::string_view type) {
    ++count_;
    return writer_.begin_object().member("type", type);
  }
  void end() { writer_.end_object(); }

  /// `mark`: of the block, where the server knows such marks.
  void text(std::string_view said, const std::optional<model::CacheMark>& mark = std::nullopt) {
    if (said.empty()) return;
    begin("text").key("text");
    said_at_ = json_.size();
    writer_.string(said);
    said_end_ = json_.size();
    if (mark) write_cache_mark(*mark, writer_);
    end();
    is_plain_ = count_ == 1 && !mark;
  }

  bool empty() const { return count_ == 0; }
  void write(json::Writer& out) {
    if (count_ == 1 && is_plain_) {
      out.raw(std::string_view(json_).substr(said_at_, said_end_ - said_at_));
      return;
    }
    writer_.end_array();
    out.raw(json_);
  }

 private:
  std::string json_;
  json::Writer writer_;
  size_t count_ = 0;
  size_t said_at_ = 0;  ///< The last text, as a JSON string.
  size_t said_end_ = 0;
  bool is_plain_ = false;
};

class MessageWriter {
 public:
  MessageWriter(Translation& translation, json::Writer& writer, DataSize& data)
      : translation_(translation), traits_(translation.traits), writer_(writer), data_(data) {}

  Status run(const model::Request& request, const SystemAdditions& system);

 private:
  std::string system_role() const;
  void write_system(const model::Request& request, const std::string& addition,
                    std::string& prepended);
  Status write_user(const Message& message, std::string& prepended);
  Status write_result(const Block& result, Parts& followers);
  Status add_part(const Block& block, Parts& parts);
  Status add_image(const Block& block, Parts& parts);
  Status add_document(const Block& block, Parts& parts);
  void write_assistant(const Message& message, bool in_tool_turn);
  void write_calls(const Message& message);
  void write_system_in_place(const Message& message);
  bool keeps_cache_marks() const;
  std::optional<model::CacheMark> mark_of(const Block& block) const;
  void drop_cache_mark(const Block& block);
  Status refusal(std::string_view what) const;

  Translation& translation_;
  const model::UpstreamTraits& traits_;
  json::Writer& writer_;
  DataSize& data_;
  size_t files_ = 0;
  size_t message_ = 0;
};

Status MessageWriter::refusal(std::string_view what) const {
  return invalid("messages." + std::to_string(message_) + ": " + std::string(what) +
                 " cannot be sent to the model '" + translation_.target_model + "'.");
}

std::string MessageWriter::system_role() const {
  const std::string* learned =
      model::find_lesson(translation_.lessons, model::LessonKind::kSystemRole);
  if (learned != nullptr && !learned->empty()) return *learned;
  return translation_.facts.system_role.empty() ? "system" : translation_.facts.system_role;
}

/// This one server hands the marks on to upstreams that know them.
bool MessageWriter::keeps_cache_marks() const {
  return traits_.name == "openrouter" &&
         (translation_.target_model.find("claude") != std::string::npos ||
          translation_.target_model.find("gemini") != std::string::npos);
}

std::optional<model::CacheMark> MessageWriter::mark_of(const Block& block) const {
  return keeps_cache_marks() ? block.cache : std::nullopt;
}

void MessageWriter::drop_cache_mark(const Block& block) {
  if (block.cache && !keeps_cache_marks()) {
    translation_.losses.add(LossKind::kDropped, "cache_control");
  }
}

std::string joined_text(const std::vector<Block>& blocks) {
  std::string text;
  for (const Block& block : blocks) {
    if (block.kind != BlockKind::kText || block.text.empty()) continue;
    if (!text.empty()) text += "\n\n";
    text += block.text;
  }
  return text;
}

void MessageWriter::write_system(const model::Request& request, const std::string& addition,
                                 std::string& prepended) {
  bool marked = false;
  for (const Block& block : request.system) {
    marked = marked || block.cache.has_value();
    drop_cache_mark(block);
  }
  const std::string role = system_role();
  if (marked && keeps_cache_marks() && role == "system") {
    Parts parts;
    for (const Block& block : request.system) {
      if (block.kind == BlockKind::kText) parts.text(block.text, mark_of(block));
    }
    parts.text(addition);
    if (parts.empty()) return;
    writer_.begin_object().member("role", role);
    parts.write(writer_.key("content"));
    writer_.end_object();
    return;
  }
  std::string text = joined_text(request.system);
  if (!addition.empty()) text.append(text.empty() ? "" : "\n\n").append(addition);
  if (text.empty()) return;
  if (role == "prepend") {
    prepended = std::move(text);
    return;
  }
  writer_.begin_object().member("role", role).member("content", text).end_object();
}

void MessageWriter::write_system_in_place(const Message& message) {
  const std::string text = joined_text(message.content);
  if (text.empty()) return;
  const std::string role = system_role();
  writer_.begin_object().member("role", role == "prepend" ? "user" : role);
  writer_.member("content", text).end_object();
}

Status MessageWriter::add_image(const Block& block, Parts& parts) {
  if (!block.source) return Status();
  const model::Source& source = *block.source;
  if (translation_.facts.images == false) {
    parts.text(kOmittedImage);
    translation_.losses.add(LossKind::kDropped, "image (the model cannot see)");
    return Status();
  }
  const bool known = source.kind == SourceKind::kBase64 || source.kind == SourceKind::kUrl;
  if (!known) return refusal("an image by its file id");
  if (source.kind == SourceKind::kUrl && !traits_.image_urls) return refusal("an image by its URL");
  if (const std::string text = unreadable_image_text(source, traits_); !text.empty()) {
    parts.text(text);
    translation_.losses.add(LossKind::kDropped, "image (" + source.media_type + ")");
    return Status();
  }
  if (source.kind == SourceKind::kBase64) {
    data_.bytes += source.data.size();
    ++data_.items;
  }
  json::Writer& part = parts.begin("image_url");
  write_source_url(part.key("image_url").begin_object().key("url"), source);
  part.end_object();
  if (const auto mark = mark_of(block)) write_cache_mark(*mark, part);
  parts.end();
  return Status();
}

Status MessageWriter::add_document(const Block& block, Parts& parts) {
  if (is_text_document(block)) {
    parts.text(document_text(block), mark_of(block));
    for (const Block& inner : block.content) {
      if (inner.kind != BlockKind::kImage) continue;
      if (Status status = add_image(inner, parts); !status.ok()) return status;
    }
    if (!block.citations.empty()) translation_.losses.add(LossKind::kDropped, "document.citations");
    return Status();
  }
  if (!block.source || block.source->kind != SourceKind::kBase64) {
    return refusal("a document by its URL or file id");
  }
  if (!traits_.pdf_parts || translation_.facts.pdf == false) return refusal("a PDF document");
  data_.bytes += block.source->data.size();
  ++data_.items;
  json::Writer& part = parts.begin("file");
  part.key("file").begin_object().member("filename", document_file_name(block, ++files_));
  write_data_url(part.key("file_data"), *block.source);
  part.end_object();
  parts.end();
  return Status();
}

/// Adds what one block says to a user message.
Status MessageWriter::add_part(const Block& block, Parts& parts) {
  drop_cache_mark(block);
  switch (block.kind) {
    case BlockKind::kText:
      parts.text(block.text, mark_of(block));
      return Status();
    case BlockKind::kImage:
      return add_image(block, parts);
    case BlockKind::kDocument:
      return add_document(block, parts);
    case BlockKind::kSearchResult:
      parts.text(search_result_text(block));
      return Status();
    case BlockKind::kToolReference:
      parts.text(tool_reference_text(translation_.upstream_tool_name(block.name)));
      return Status();
    case BlockKind::kOther:
      if (block.type == "container_upload") return refusal("a container_upload block");
      break;
    default:
      break;
  }
  translation_.losses.add(LossKind::kDropped, "a block of the user: " + block.type);
  return Status();
}

bool is_follower(const Block& block) {
  return block.kind == BlockKind::kImage ||
         (block.kind == BlockKind::kDocument && !is_text_document(block));
}

/// A tool's message holds text; pictures and files follow in the user's message behind it.
Status MessageWriter::write_result(const Block& result, Parts& followers) {
  drop_cache_mark(result);
  bool is_empty = false;
  std::string text = tool_result_text(result, translation_, &is_empty);
  size_t images = 0;
  size_t documents = 0;
  std::string marks;
  for (const Block& part : result.content) {
    if (!is_follower(part)) continue;
    const bool image = part.kind == BlockKind::kImage;
    if (image && translation_.facts.images == false) {
      marks.append(marks.empty() ? "" : "\n").append(kOmittedImage);
      translation_.losses.add(LossKind::kDropped, "image (the model cannot see)");
      continue;
    }
    const std::string number = std::to_string(image ? ++images : ++documents);
    marks.append(marks.empty() ? "[" : "\n[").append(image ? "image " : "document ");
    marks.append(number).append(" of this tool result follows in the next user message]");
    followers.text((image ? "Image " : "Document ") + number + " returned by tool call " +
                   result.id + ":");
    if (Status status = add_part(part, followers); !status.ok()) return status;
    translation_.losses.add(LossKind::kReordered,
                            image ? "image of a tool_result" : "document of a tool_result");
  }
  if (!marks.empty()) text = is_empty && !result.is_error ? marks : text + "\n" + marks;
  writer_.begin_object().member("role", "tool").member("tool_call_id", result.id);
  writer_.key("content");
  if (const auto mark = mark_of(result)) {
    Parts parts;
    parts.text(text, mark);
    parts.write(writer_);
  } else {
    writer_.string(text);
  }
  writer_.end_object();
  return Status();
}

Status MessageWriter::write_user(const Message& message, std::string& prepended) {
  Parts parts;
  if (!prepended.empty()) parts.text(prepended);
  for (const Block& block : message.content) {
    if (block.kind != BlockKind::kToolResult) continue;
    if (Status status = write_result(block, parts); !status.ok()) return status;
  }
  bool only_results = !message.content.empty();
  for (const Block& block : message.content) {
    if (block.kind == BlockKind::kToolResult) continue;
    only_results = false;
    if (Status status = add_part(block, parts); !status.ok()) return status;
  }
  if (parts.empty()) {
    if (only_results) return Status();
    parts.text(kEmpty);
  }
  writer_.begin_object().member("role", "user");
  parts.write(writer_.key("content"));
  writer_.end_object();
  prepended.clear();
  return Status();
}

void MessageWriter::write_calls(const Message& message) {
  bool any = false;
  for (const Block& block : message.content) {
    if (block.kind != BlockKind::kToolUse) continue;
    if (!any) writer_.key("tool_calls").begin_array();
    any = true;
    writer_.begin_object().member("id", block.id).member("type", "function");
    writer_.key("function").begin_object();
    writer_.member("name", translation_.upstream_tool_name(block.name));
    writer_.member("arguments", block.input.empty() ? "{}" : std::string_view(block.input));
    writer_.end_object().end_object();
  }
  if (any) writer_.end_array();
}

void MessageWriter::write_assistant(const Message& message, bool in_tool_turn) {
  std::string text;
  bool calls = false;
  for (const Block& block : message.content) {
    drop_cache_mark(block);
    switch (block.kind) {
      case BlockKind::kText:
        text += block.text;
        if (!block.citations.empty()) translation_.losses.add(LossKind::kDropped, "citations");
        break;
      case BlockKind::kToolUse:
        calls = true;
        break;
      case BlockKind::kThinking:
      case BlockKind::kRedactedThinking:
        break;
      default:
        translation_.losses.add(
            LossKind::kDropped,
            "a block of the assistant: " + (block.type.empty() ? "other" : block.type));
    }
  }
  const Replay replay = replay_of(message.content, in_tool_turn, translation_);
  const bool silent = text.empty() && !calls;
  // What is left of a turn whose thinking cannot go back; where turns alternate, one must stand.
  if (silent && replay.details.empty() && replay.text.empty()) {
    if (!traits_.merge_turns) return;
    text = kEmpty;
  }
  writer_.begin_object().member("role", "assistant").key("content");
  if (!text.empty()) {
    writer_.string(text);
  } else if (calls && traits_.null_content) {
    writer_.null();
  } else {
    writer_.string("");
  }
  if (!replay.field.empty()) writer_.member(replay.field, replay.text);
  if (!replay.details.empty()) writer_.raw_member("reasoning_details", replay.details);
  write_calls(message);
  writer_.end_object();
}

/// The first message behind the one in which the user last said something, and not a tool.
size_t tool_turns_begin(const std::vector<Message>& messages) {
  for (size_t i = messages.size(); i > 0; --i) {
    const Message& message = messages[i - 1];
    if (message.role != Role::kUser) continue;
    for (const Block& block : message.content) {
      if (block.kind != BlockKind::kToolResult) return i;
    }
  }
  return 0;
}

Status MessageWriter::run(const model::Request& request, const SystemAdditions& system) {
  writer_.key("messages").begin_array();
  std::string prepended;
  write_system(request, system.text, prepended);
  const size_t tool_turns = tool_turns_begin(request.messages);
  for (message_ = 0; message_ < request.messages.size(); ++message_) {
    const Message& message = request.messages[message_];
    switch (message.role) {
      case Role::kUser:
        if (Status status = write_user(message, prepended); !status.ok()) return status;
        break;
      case Role::kAssistant:
        write_assistant(message, message_ >= tool_turns);
        break;
      case Role::kSystem:
        write_system_in_place(message);
        break;
    }
  }
  writer_.end_array();
  return Status();
}

}  // namespace

Status write_messages(const model::Request& request, const SystemAdditions& system,
                      Translation& translation, json::Writer& writer, DataSize& data) {
  return MessageWriter(translation, writer, data).run(request, system);
}

}  // namespace tollgate::dialects::openai_chat
