// The tool calls of an answer: any number at once in, one after the other out.

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "dialects/openai_chat/chunk.hpp"
#include "dialects/tool_names.hpp"
#include "json/splice.hpp"
#include "json/walk.hpp"
#include "model/tool_input.hpp"

namespace tollgate::dialects::openai_chat {
namespace {

using model::Block;
using model::BlockKind;
using model::DeltaKind;

constexpr size_t kCallsMax = 512;
constexpr std::string_view kNamespace = "functions.";

bool has_only_spaces(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Half a character, spelled as an escape, is for the client to judge.
bool is_json(const std::string& text) {
  json::Document document;
  if (document.parse(text).ok()) return true;
  std::string mended;
  return mend_surrogates(text, mended) && document.parse(mended).ok();
}

/// Arguments have begun and not ended.
bool goes_on(const Arguments& arguments) {
  return arguments.begun() && !arguments.complete();
}

}  // namespace

bool Answer::is_declared(std::string_view name) const {
  const std::vector<std::string>& names = translation_.declared_tools;
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string Answer::client_name(std::string_view upstream) const {
  const std::string_view name = translation_.client_tool_name(upstream);
  if (!is_declared(name) && upstream.starts_with(kNamespace)) {
    const std::string_view bare = translation_.client_tool_name(upstream.substr(kNamespace.size()));
    if (is_declared(bare)) return std::string(bare);
  }
  return std::string(name);
}

/// Which call a piece belongs to; a new one when it belongs to none.
size_t Answer::find_call(const CallPiece& piece) {
  size_t found = SIZE_MAX;
  for (size_t i = calls_.size(); i > 0; --i) {
    const Call& call = calls_[i - 1];
    if (piece.index ? call.index == piece.index : !piece.id.empty() && call.id == piece.id) {
      found = i - 1;
      break;
    }
  }
  if (!piece.index && piece.id.empty() && !calls_.empty()) {
    const Call& last = calls_.back();
    // Some tell the name with every piece, and nothing else.
    if (piece.name.empty() || (last.name == piece.name && goes_on(last.arguments))) {
      found = calls_.size() - 1;
    }
  }
  if (found != SIZE_MAX) {
    // Some servers give every call the same index, and some of these no ids either.
    const Call& call = calls_[found];
    // A new id inside the arguments is one of those that change from piece to piece.
    const bool another_id = !piece.id.empty() && !call.id.empty() && call.id != piece.id &&
                            !(call.name == piece.name && goes_on(call.arguments));
    const bool begins_anew = piece.id.empty() && call.id.empty() &&
                             !has_only_spaces(piece.arguments) && call.arguments.complete();
    if (piece.name.empty() || !(another_id || begins_anew)) return found;
  }
  Call made;
  made.index = piece.index;
  calls_.push_back(std::move(made));
  return calls_.size() - 1;
}

Status Answer::call(const CallPiece& piece, Events& out) {
  if (over_) return Status();
  flush_tags(out);
  const size_t at = find_call(piece);
  call_bytes_ += piece.arguments.size();
  if (calls_.size() > kCallsMax || call_bytes_ > limits::kAnswerBytesMax) {
    return Status(Code::kLimit, "the upstream's answer has too many tool calls");
  }
  Call& call = calls_[at];
  if (call.id.empty()) call.id = piece.id;
  if (call.name.empty() && !piece.name.empty()) {
    call.name = piece.name;
    call.is_wrapper = (call.name == "parallel" || call.name == "multi_tool_use.parallel") &&
                      !is_declared(client_name(call.name));
  }
  if (call.state == CallState::kClosed) {
    if (!has_only_spaces(piece.arguments)) {
      translation_.losses.add(model::LossKind::kDropped, "arguments behind a tool call's end");
    }
    return Status();
  }
  std::string joined;
  call.waiting += call.halves.join(piece.arguments, joined);
  // Blanks before a call are no text.
  blank_text_.clear();
  pump(out);
  if (!held_text_.empty() && !busy() && !someone_waits()) {
    const std::string held = std::exchange(held_text_, {});
    visible_text(held, out);
  }
  return Status();
}

bool Answer::busy() const {
  if (live_ == SIZE_MAX) return false;
  const Call& call = calls_[live_];
  return !call.arguments.complete();
}

bool Answer::someone_waits() const {
  return std::any_of(calls_.begin(), calls_.end(), [](const Call& call) {
    return call.state == CallState::kWaiting && !call.name.empty();
  });
}

/// Goes on with the calls as far as what has come allows.
void Answer::pump(Events& out) {
  while (!broken_) {
    if (live_ == SIZE_MAX && !take_next(out)) return;
    Call& live = calls_[live_];
    feed(live, out);
    if (!someone_waits()) return;
    const bool whole = live.arguments.complete();
    // A call without arguments never says that it ends: a later one with arguments does.
    const bool skipped =
        !live.arguments.begun() && std::any_of(calls_.begin(), calls_.end(), [&](const Call& call) {
          return call.state == CallState::kWaiting && !call.waiting.empty() &&
                 call.index.value_or(0) > live.index.value_or(-1);
        });
    if (!whole && !skipped && !ending_) return;
    close_call(live, out);
  }
}

/// Makes the first waiting call that has a name the live one.
bool Answer::take_next(Events& out) {
  for (size_t i = 0; i < calls_.size(); ++i) {
    Call& call = calls_[i];
    if (call.state != CallState::kWaiting || call.name.empty()) continue;
    if (translation_.single_tool_call && calls_shown_ > 0) {
      translation_.losses.add(model::LossKind::kDropped, "a second tool call: " + call.name);
      call.state = CallState::kClosed;
      continue;
    }
    close(out);
    call.state = CallState::kLive;
    live_ = i;
    if (!call.is_wrapper) announce(call, out);
    return true;
  }
  return false;
}

void Answer::announce(Call& call, Events& out) {
  Block block;
  block.kind = BlockKind::kToolUse;
  block.id = client_tool_id(call.id, ids_, translation_);
  block.name = client_name(call.name);
  block.input = "{}";
  open_block(std::move(block), Open::kTool, out);
  ++calls_shown_;
}

void Answer::feed(Call& call, Events& out) {
  if (call.waiting.empty()) return;
  scratch_.clear();
  call.arguments.feed(call.waiting, scratch_);
  call.waiting.clear();
  if (scratch_.empty()) return;
  if (call.is_wrapper) {
    call.held += scratch_;
    return;
  }
  call.shown += scratch_;
  delta(DeltaKind::kInputJson, scratch_, out);
}

/// A limit may cut the last call, and says so; in every other the arguments must be an object.
bool Answer::must_be_whole(const Call& call) const {
  const model::StopReason reason = stop_reason();
  const bool cut = ending_ && !call.arguments.complete() &&
                   (reason == model::StopReason::kMaxTokens ||
                    (reason == model::StopReason::kRefusal && !refused_));
  return !cut && !call.shown.empty();
}

void Answer::close_call(Call& call, Events& out) {
  feed(call, out);
  if (must_be_whole(call) && !is_json(call.shown)) {
    over_ = broken_ = true;
    return;
  }
  if (call.is_wrapper) {
    expand(call, out);
  } else if (call.arguments.is_other()) {
    delta(DeltaKind::kInputJson, call.arguments.whole(), out);
  } else if (call.shown.empty()) {
    delta(DeltaKind::kInputJson, "", out);
  }
  close(out);
  call.state = CallState::kClosed;
  live_ = SIZE_MAX;
}

/// {"tool_uses":[{"recipient_name":"functions.X","parameters":{…}}]} is several calls, when all of
/// them are known tools.
void Answer::expand(Call& call, Events& out) {
  const std::string input = call.arguments.is_other() ? call.arguments.whole() : call.held;
  json::Document document;
  const auto parsed = document.parse(input);
  const json::Value uses = parsed.ok() ? parsed.value()["tool_uses"] : json::Value();
  std::vector<std::pair<std::string, std::string>> inner;
  if (const auto span = json::find_span(input, {"tool_uses"}); span && uses.is_array()) {
    const std::string_view list = std::string_view(input).substr(span->offset, span->size);
    for (json::ElementWalk walk(uses, list); walk.next();) {
      std::string name = client_name(walk.value()["recipient_name"].string_or(""));
      if (!is_declared(name)) {
        inner.clear();
        break;
      }
      const auto parameters = json::find_span(walk.text(), {"parameters"});
      inner.emplace_back(std::move(name),
                         parameters ? walk.text().substr(parameters->offset, parameters->size)
                                    : std::string_view("{}"));
    }
  }
  if (inner.empty()) {
    announce(call, out);
    delta(DeltaKind::kInputJson, input, out);
    return;
  }
  for (size_t i = 0; i < inner.size(); ++i) {
    if (translation_.single_tool_call && calls_shown_ > 0) {
      translation_.losses.add(model::LossKind::kDropped, "a second tool call: " + inner[i].first);
      continue;
    }
    close(out);
    Block block;
    block.kind = BlockKind::kToolUse;
    block.id = client_tool_id(call.id + "_" + std::to_string(i + 1), ids_, translation_);
    block.name = std::move(inner[i].first);
    block.input = "{}";
    open_block(std::move(block), Open::kTool, out);
    delta(DeltaKind::kInputJson, model::tool_input(inner[i].second), out);
    ++calls_shown_;
  }
}

}  // namespace tollgate::dialects::openai_chat
