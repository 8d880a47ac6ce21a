#include <utility>

#include "base/limits.hpp"
#include "dialects/openai_responses/answer_encode.hpp"
#include "dialects/openai_responses/parts.hpp"
#include "model/tool_input.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using model::Block;
using model::BlockKind;
using model::DeltaKind;
using model::StreamEvent;
using Kind = model::StreamEventKind;

Status out_of_turn(std::string_view name) {
  return Status(Code::kInternal, "a translated stream has " + std::string(name) + " out of turn");
}

class Encoder final : public StreamEncoder {
 public:
  explicit Encoder(Translation& translation) : translation_(translation) {}
  Status on_event(const StreamEvent& event, std::string& out) override;

 private:
  /// One event: what its members are is the caller's business.
  template <typename Members>
  void tell(std::string_view type, const Members& members);
  template <typename Members>
  void tell_part(std::string_view type, const Members& members);
  void tell_answer(std::string_view type);

  void start(const StreamEvent& event);
  Status start_block(const StreamEvent& event);
  Status delta(const StreamEvent& event);
  Status stop_block();
  void end();
  void announce();
  void add_text(std::string_view text);
  void add_thinking(std::string_view text);
  void add_arguments(std::string_view text);
  void add_citation(std::string_view raw);
  void finish_text();
  void finish_thinking();
  void finish_call();
  void finish_freeform();
  void begin_search();
  void finish_search(std::string_view sources);
  void finish_item(std::string_view sources, bool cut = false);

  Translation& translation_;
  std::string* out_ = nullptr;
  AnswerHead head_;
  model::Usage usage_;
  model::StopReason stop_reason_ = model::StopReason::kUnset;
  int64_t sequence_ = 0;
  bool started_ = false;
  bool ended_ = false;
  bool stopped_ = false;

  bool block_open_ = false;
  bool announced_ = false;  ///< The open block's item has been told of.
  Block block_;             ///< As far as it is known.
  ClientItem item_ = ClientItem::kNone;
  std::string item_id_;
  int64_t index_ = 0;  ///< Of the item, among those told of.
  int64_t citations_ = 0;
  bool search_open_ = false;
  Block search_;  ///< A web search that waits for its results.
  std::string search_id_;
  int64_t search_index_ = 0;
};

template <typename Members>
void Encoder::tell(std::string_view type, const Members& members) {
  out_->append("event: ").append(type).append("\ndata: ");
  json::Writer writer(*out_);
  const size_t data_at = out_->size();
  writer.begin_object().member("type", type).member("sequence_number", sequence_++);
  members(writer);
  writer.end_object();
  // Raw members may have been spread over lines; a line end between tokens is white space.
  for (size_t at = data_at; at < out_->size(); ++at) {
    if ((*out_)[at] == '\n' || (*out_)[at] == '\r') (*out_)[at] = ' ';
  }
  out_->append("\n\n");
}

template <typename Members>
void Encoder::tell_part(std::string_view type, const Members& members) {
  tell(type, [&](json::Writer& writer) {
    writer.member("item_id", item_id_).member("output_index", index_);
    members(writer);
  });
}

void Encoder::tell_answer(std::string_view type) {
  tell(type,
       [&](json::Writer& writer) { write_answer(head_, translation_, writer.key("response")); });
}

Status Encoder::on_event(const StreamEvent& event, std::string& out) {
  out_ = &out;
  switch (event.kind) {
    case Kind::kOther:
      return Status();
    case Kind::kPing:
      tell("keepalive", [](json::Writer&) {});
      return Status();
    case Kind::kError:
      if (stopped_) return Status();
      stopped_ = true;
      head_.status = "failed";
      head_.failure = &event.failure;
      tell_answer("response.failed");
      head_.failure = nullptr;
      return Status();
    default:
      break;
  }
  if (stopped_) return out_of_turn("an event behind its end");
  if (event.kind == Kind::kMessageStart) {
    model::merge(usage_, event.usage);
    if (!started_) start(event);
    return Status();
  }
  if (!started_) return out_of_turn("an event before its start");
  switch (event.kind) {
    case Kind::kBlockStart:
      return start_block(event);
    case Kind::kBlockDelta:
      return delta(event);
    case Kind::kBlockStop:
      return stop_block();
    case Kind::kMessageDelta:
      if (block_open_) {
        if (Status status = stop_block(); !status.ok()) return status;
      }
      ended_ = true;
      model::merge(usage_, event.usage);
      if (event.stop_reason != model::StopReason::kUnset) stop_reason_ = event.stop_reason;
      return Status();
    default:
      if (!ended_ || block_open_) return out_of_turn("its stop");
      end();
      return Status();
  }
}

void Encoder::start(const StreamEvent& event) {
  started_ = true;
  head_.id = translation_.make_id("resp_");
  head_.model = translation_.requested_model.empty() ? event.model : translation_.requested_model;
  head_.status = "in_progress";
  tell_answer("response.created");
  tell_answer("response.in_progress");
}

Status Encoder::start_block(const StreamEvent& event) {
  if (block_open_ || ended_) return out_of_turn("a block's start");
  if (event.block.kind == BlockKind::kServerToolResult && search_open_ &&
      search_.id == event.block.id) {
    finish_search(event.block.input);
  }
  block_open_ = true;
  announced_ = false;
  citations_ = 0;
  block_ = event.block;
  item_ = client_item(block_);
  const std::string text = std::exchange(block_.text, {});
  const std::string input = std::exchange(block_.input, {});
  if (block_.kind == BlockKind::kRedactedThinking) block_.text = text;
  if (item_ == ClientItem::kText) add_text(text);
  if (block_.kind == BlockKind::kThinking) add_thinking(text);
  if (item_ == ClientItem::kCall) announce();
  if (!input.empty() && input != "{}") add_arguments(input);
  return Status();
}

Status Encoder::delta(const StreamEvent& event) {
  if (!block_open_) return out_of_turn("a delta");
  switch (event.delta) {
    case DeltaKind::kText:
      if (item_ == ClientItem::kText) add_text(event.text);
      break;
    case DeltaKind::kThinking:
      if (item_ == ClientItem::kThinking) add_thinking(event.text);
      break;
    case DeltaKind::kSignature:
      block_.signature += event.text;
      break;
    case DeltaKind::kInputJson:
      add_arguments(event.text);
      break;
    case DeltaKind::kCitation:
      if (item_ == ClientItem::kText) add_citation(event.raw);
      break;
    case DeltaKind::kOther:
      break;
  }
  if (head_.output.size() + block_.text.size() + block_.input.size() > limits::kAnswerBytesMax) {
    return Status(Code::kLimit, "the answer is too large");
  }
  return Status();
}

/// Tells of the open block's item, with nothing in it yet.
void Encoder::announce() {
  if (announced_) return;
  announced_ = true;
  item_id_ = client_item_id(item_, translation_);
  tell("response.output_item.added", [&](json::Writer& writer) {
    writer.member("output_index", index_).key("item").begin_object().member("id", item_id_);
    if (item_ == ClientItem::kText) {
      writer.member("type", "message").member("status", "in_progress");
      writer.member("role", "assistant").raw_member("content", "[]");
    } else if (item_ == ClientItem::kThinking) {
      writer.member("type", "reasoning").raw_member("summary", "[]");
    } else if (item_ == ClientItem::kCall) {
      writer.member("type", "function_call").member("status", "in_progress");
      writer.member("call_id", block_.id).member("name", block_.name).member("arguments", "");
    } else if (item_ == ClientItem::kFreeform) {
      writer.member("type", "custom_tool_call").member("status", "in_progress");
      writer.member("call_id", block_.id).member("name", freeform_name(block_.name));
      writer.member("input", "");
    } else {
      writer.member("type", "web_search_call").member("status", "in_progress");
    }
    writer.end_object();
  });
}

void Encoder::add_text(std::string_view text) {
  if (text.empty()) return;
  if (!announced_) {
    announce();
    tell_part("response.content_part.added", [](json::Writer& writer) {
      writer.member("content_index", int64_t{0});
      write_text_part({}, {}, writer.key("part"));
    });
  }
  block_.text += text;
  tell_part("response.output_text.delta", [&](json::Writer& writer) {
    writer.member("content_index", int64_t{0}).member("delta", text);
    writer.raw_member("logprobs", "[]");
  });
}

void Encoder::add_thinking(std::string_view text) {
  if (text.empty()) return;
  announce();
  if (block_.text.empty()) {
    tell_part("response.reasoning_summary_part.added", [](json::Writer& writer) {
      writer.member("summary_index", int64_t{0});
      writer.raw_member("part", R"({"type":"summary_text","text":""})");
    });
  }
  block_.text += text;
  tell_part("response.reasoning_summary_text.delta", [&](json::Writer& writer) {
    writer.member("summary_index", int64_t{0}).member("delta", text);
  });
}

void Encoder::add_arguments(std::string_view text) {
  if (text.empty()) return;
  block_.input += text;
  if (item_ != ClientItem::kCall) return;
  tell_part("response.function_call_arguments.delta",
            [&](json::Writer& writer) { writer.member("delta", text); });
}

void Encoder::add_citation(std::string_view raw) {
  if (!announced_) return;
  std::string annotation;
  json::Writer inner(annotation);
  if (!write_annotation(raw, characters_in(block_.text), inner)) return;
  block_.citations =
      block_.citations.empty()
          ? "[" + std::string(raw) + "]"
          : block_.citations.substr(0, block_.citations.size() - 1) + "," + std::string(raw) + "]";
  tell_part("response.output_text.annotation.added", [&](json::Writer& writer) {
    writer.member("content_index", int64_t{0}).member("annotation_index", citations_++);
    writer.raw_member("annotation", annotation);
  });
}

Status Encoder::stop_block() {
  if (!block_open_) return out_of_turn("a block's stop");
  block_open_ = false;
  switch (item_) {
    case ClientItem::kText:
      if (announced_) finish_text();
      break;
    case ClientItem::kThinking:
      finish_thinking();
      break;
    case ClientItem::kCall:
      finish_call();
      break;
    case ClientItem::kFreeform:
      finish_freeform();
      break;
    case ClientItem::kSearch:
      begin_search();
      break;
    case ClientItem::kNone:
      break;
  }
  return Status();
}

void Encoder::finish_text() {
  tell_part("response.output_text.done", [&](json::Writer& writer) {
    writer.member("content_index", int64_t{0}).member("text", block_.text);
    writer.raw_member("logprobs", "[]");
  });
  tell_part("response.content_part.done", [&](json::Writer& writer) {
    writer.member("content_index", int64_t{0});
    write_text_part(block_.text, block_.citations, writer.key("part"));
  });
  finish_item({});
}

void Encoder::finish_thinking() {
  announce();
  if (block_.kind == BlockKind::kThinking && !block_.text.empty()) {
    tell_part("response.reasoning_summary_text.done", [&](json::Writer& writer) {
      writer.member("summary_index", int64_t{0}).member("text", block_.text);
    });
    tell_part("response.reasoning_summary_part.done", [&](json::Writer& writer) {
      writer.member("summary_index", int64_t{0}).key("part").begin_object();
      writer.member("type", "summary_text").member("text", block_.text).end_object();
    });
  }
  finish_item({});
}

void Encoder::finish_call() {
  // Clients parse what they were told: nothing is no JSON.
  if (block_.input.empty()) add_arguments("{}");
  // Arguments that a limit cut are never done.
  const bool cut = is_cut_call(block_);
  if (!cut) {
    tell_part("response.function_call_arguments.done", [&](json::Writer& writer) {
      writer.member("name", block_.name).member("arguments", block_.input);
    });
  }
  finish_item({}, cut);
}

void Encoder::finish_freeform() {
  announce();
  const bool cut = is_cut_call(block_);
  if (!cut) {
    const std::string input = freeform_input(block_.input);
    tell_part("response.custom_tool_call_input.delta",
              [&](json::Writer& writer) { writer.member("delta", input); });
    tell_part("response.custom_tool_call_input.done",
              [&](json::Writer& writer) { writer.member("input", input); });
  }
  finish_item({}, cut);
}

/// The item ends with its results, which come in a block of their own.
void Encoder::begin_search() {
  if (search_open_) finish_search({});
  announce();
  for (const std::string_view type :
       {"response.web_search_call.in_progress", "response.web_search_call.searching"}) {
    tell_part(type, [](json::Writer&) {});
  }
  search_ = std::exchange(block_, {});
  search_id_ = item_id_;
  search_index_ = index_++;
  search_open_ = true;
}

void Encoder::finish_search(std::string_view sources) {
  search_open_ = false;
  const int64_t next = std::exchange(index_, search_index_);
  block_ = std::exchange(search_, {});
  item_ = ClientItem::kSearch;
  item_id_ = search_id_;
  tell_part("response.web_search_call.completed", [](json::Writer&) {});
  finish_item(sources);
  index_ = next;
}

void Encoder::finish_item(std::string_view sources, bool cut) {
  std::string item;
  json::Writer writer(item);
  write_client_item(block_, item_, item_id_, sources, cut, writer);
  tell("response.output_item.done",
       [&](json::Writer& event) { event.member("output_index", index_).raw_member("item", item); });
  if (!head_.output.empty()) head_.output += ',';
  head_.output += item;
  ++index_;
}

void Encoder::end() {
  if (search_open_) finish_search({});
  stopped_ = true;
  set_status(stop_reason_, head_);
  head_.usage = &usage_;
  tell_answer(head_.status == "completed" ? "response.completed" : "response.incomplete");
}

}  // namespace

std::unique_ptr<StreamEncoder> make_stream_encoder(Translation& translation) {
  return std::make_unique<Encoder>(translation);
}

}  // namespace tollgate::dialects::openai_responses
