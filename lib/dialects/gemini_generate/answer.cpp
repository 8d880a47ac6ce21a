#include "dialects/gemini_generate/answer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "dialects/gemini_generate/tool_ids.hpp"
#include "json/walk.hpp"
#include "json/writer.hpp"
#include "model/tool_input.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

using model::Block;
using model::BlockKind;
using model::DeltaKind;
using model::StreamEvent;
using Kind = model::StreamEventKind;

/// The candidate that counts: the first, or the one that says it is.
bool is_first(json::Value candidate) {
  return candidate["index"].integer().value_or(0) == 0;
}

bool has_arguments(json::Value parts) {
  for (const json::Value part : parts.elements()) {
    if (part["functionCall"]["args"].is_object()) return true;
  }
  return false;
}

/// Whether a part without text holds something else than its flags.
bool holds_data(json::Value part) {
  for (const json::Member member : part.members()) {
    if (member.key != "thought" && member.key != "thoughtSignature") return true;
  }
  return false;
}

/// The text of a member of an object; empty when there is none.
std::string_view member_text(json::Value object, std::string_view text, std::string_view key) {
  for (json::MemberWalk walk(object, text); walk.next();) {
    if (walk.key() == key) return walk.text();
  }
  return {};
}

}  // namespace

Status Answer::add(json::Value response, std::string_view text, Events& out) {
  if (over()) return Status();
  if (!response.is_object())
    return invalid("the upstream's answer holds something else than JSON objects");
  if (response["error"].is_object()) {
    failed_ = true;
    StreamEvent event;
    event.kind = Kind::kError;
    event.failure = read_error(response["error"], 0);
    out.push_back(std::move(event));
    return Status();
  }
  read_usage(response["usageMetadata"]);
  if (!started_) start(response, out);
  const json::Value feedback = response["promptFeedback"];
  const std::string_view blocked = feedback["blockReason"].string_or("");
  if (!blocked.empty() && blocked != "BLOCK_REASON_UNSPECIFIED") {
    const std::string_view message = feedback["blockReasonMessage"].string_or("");
    block_reason_ = message.empty() ? blocked : message;
    ended_ = true;
  }
  std::string_view list = text;
  const json::Value candidates = response["candidates"];
  for (const json::Value candidate : candidates.elements()) {
    if (!is_first(candidate)) continue;
    // Only arguments are passed on as they were written: the rest needs no second look.
    if (has_arguments(candidate["content"]["parts"])) {
      list = member_text(response, text, "candidates");
      for (json::ElementWalk walk(candidates, list); walk.next();) {
        if (!is_first(walk.value())) continue;
        read_candidate(walk.value(), walk.text(), out);
        break;
      }
    } else {
      read_candidate(candidate, {}, out);
    }
    break;
  }
  return Status();
}

void Answer::start(json::Value response, Events& out) {
  started_ = true;
  StreamEvent event;
  event.kind = Kind::kMessageStart;
  event.id = translation_.make_id("msg_");
  event.model = response["modelVersion"].string_or("");
  event.usage.input = usage_.input.value_or(translation_.input_tokens_estimate);
  event.usage.cache_read = usage_.cache_read;
  out.push_back(std::move(event));
}

/// Every piece tells the sums so far, and each member may be missing: the last told counts.
void Answer::read_usage(json::Value usage) {
  if (!usage.is_object()) return;
  const auto take = [&](std::string_view name, std::optional<int64_t>& sum) {
    const std::optional<int64_t> told = usage[name].integer();
    if (told) sum = std::clamp<int64_t>(*told, 0, model::kTokensMax);
  };
  take("promptTokenCount", sums_.prompt);
  take("toolUsePromptTokenCount", sums_.searched);
  take("cachedContentTokenCount", sums_.cached);
  take("candidatesTokenCount", sums_.written);
  take("thoughtsTokenCount", sums_.thought);
  if (sums_.prompt || sums_.searched) {
    const int64_t all = sums_.prompt.value_or(0) + sums_.searched.value_or(0);
    usage_.input = std::max<int64_t>(all - sums_.cached.value_or(0), 0);
    usage_.cache_read = sums_.cached;
  }
  if (sums_.written || sums_.thought) {
    usage_.output = sums_.written.value_or(0) + sums_.thought.value_or(0);
  }
  usage_.reasoning = sums_.thought;
  const std::string_view tier = usage["serviceTier"].string_or("");
  if (!tier.empty()) usage_.service_tier = std::string(tier);
}

void Answer::read_candidate(json::Value candidate, std::string_view text, Events& out) {
  const json::Value parts = candidate["content"]["parts"];
  if (text.empty()) {
    for (const json::Value part : parts.elements())
      read_part(part, {}, out);
  } else {
    const std::string_view content = member_text(candidate, text, "content");
    const std::string_view list = member_text(candidate["content"], content, "parts");
    for (json::ElementWalk walk(parts, list); walk.next();)
      read_part(walk.value(), walk.text(), out);
  }
  if (over()) return;
  const json::Value grounding = candidate["groundingMetadata"];
  if (grounding["webSearchQueries"].size() > 0) {
    queries_.clear();
    for (const json::Value query : grounding["webSearchQueries"].elements())
      queries_.emplace_back(query.string_or(""));
  }
  if (grounding["groundingChunks"].size() > 0) read_search_results(grounding["groundingChunks"]);
  const std::string_view reason = candidate["finishReason"].string_or("");
  if (reason.empty() || reason == "FINISH_REASON_UNSPECIFIED") return;
  ended_ = true;
  finish_reason_ = reason;
  finish_message_ = candidate["finishMessage"].string_or("");
}

void Answer::read_part(json::Value part, std::string_view text, Events& out) {
  if (over()) return;
  const std::string_view signature = part["thoughtSignature"].string_or("");
  if (part["functionCall"].is_object()) {
    call_part(part, text, out);
    return;
  }
  // A call whose arguments were coming has all of them when something else comes.
  auto words = part["text"].string();
  // A signature alone is that of a text nobody wrote.
  if (!words && !signature.empty() && !holds_data(part)) words = "";
  if (words && words->empty() && signature.empty()) return;
  close_call(out);
  if (words) {
    if (part["thought"].boolean() == true) {
      thought_part(*words, signature, out);
    } else {
      text_part(*words, signature, out);
    }
    return;
  }
  other_part(part, out);
}

void Answer::text_part(std::string_view text, std::string_view signature, Events& out) {
  if (text.empty()) {
    signed_apart(SignedPart::kOwnText, signature, out);
    return;
  }
  if (signature.empty()) {
    add_text(text, out);
    return;
  }
  // A signed text must not run into its neighbours, or the signature no longer fits.
  signed_apart(SignedPart::kNextText, signature, out);
  add_text(text, out);
  if (!over()) close_block(out);
}

void Answer::thought_part(std::string_view text, std::string_view signature, Events& out) {
  if (translation_.thinking_omitted || text.empty()) {
    if (!signature.empty()) signed_apart(SignedPart::kOwnText, signature, out);
    return;
  }
  if (!signature.empty() && open_ == Open::kThinking) close_block(out);
  open_block(Open::kThinking, out);
  StreamEvent event;
  event.kind = Kind::kBlockDelta;
  event.index = blocks_ - 1;
  event.delta = DeltaKind::kThinking;
  event.text = text;
  out.push_back(std::move(event));
  if (!signature.empty()) signed_apart(SignedPart::kThought, signature, out);
}

/// Puts a signature into the thinking block that stands open, else into a redacted one.
void Answer::signed_apart(SignedPart place, std::string_view signature, Events& out) {
  std::string sealed = seal_signature(translation_, place, signature);
  if (sealed.empty()) {
    translation_.losses.add(model::LossKind::kDropped, "thoughtSignature (too large)");
    close_block(out);
    return;
  }
  if (open_ == Open::kThinking) {
    StreamEvent event;
    event.kind = Kind::kBlockDelta;
    event.index = blocks_ - 1;
    event.delta = DeltaKind::kSignature;
    event.text = std::move(sealed);
    out.push_back(std::move(event));
    close_block(out);
    return;
  }
  Block block;
  block.kind = BlockKind::kRedactedThinking;
  block.text = std::move(sealed);
  emit_block(std::move(block), out);
}

void Answer::add_text(std::string_view text, Events& out) {
  if (open_ != Open::kText) close_block(out);
  std::string shown;
  const bool found = watch_.needed() && watch_.feed(text, shown);
  if (!watch_.needed()) shown = text;
  if (!shown.empty()) {
    open_block(Open::kText, out);
    StreamEvent event;
    event.kind = Kind::kBlockDelta;
    event.index = blocks_ - 1;
    event.delta = DeltaKind::kText;
    event.text = std::move(shown);
    out.push_back(std::move(event));
  }
  if (!found) {
    // Held back text belongs to the block that is open when it is shown.
    if (watch_.needed()) text_held_ = true;
    return;
  }
  text_held_ = false;
  close_block(out);
  stopped_ = true;
  end(model::StopReason::kStopSequence, out);
}

void Answer::open_block(Open kind, Events& out) {
  if (open_ == kind) return;
  close_block(out);
  open_ = kind;
  any_content_ = true;
  StreamEvent event;
  event.kind = Kind::kBlockStart;
  event.index = blocks_++;
  event.block.kind = kind == Open::kText ? BlockKind::kText : BlockKind::kThinking;
  out.push_back(std::move(event));
}

void Answer::close_block(Events& out) {
  if (std::exchange(text_held_, false)) {
    std::string rest;
    watch_.flush(rest);
    if (!rest.empty()) {
      if (open_ != Open::kText) {
        // Nothing of this text was shown yet.
        open_ = Open::kNothing;
        open_block(Open::kText, out);
      }
      StreamEvent event;
      event.kind = Kind::kBlockDelta;
      event.index = blocks_ - 1;
      event.delta = DeltaKind::kText;
      event.text = std::move(rest);
      out.push_back(std::move(event));
    }
  }
  if (open_ == Open::kNothing) return;
  open_ = Open::kNothing;
  StreamEvent event;
  event.kind = Kind::kBlockStop;
  event.index = blocks_ - 1;
  out.push_back(std::move(event));
}

void Answer::emit_block(Block block, Events& out) {
  close_block(out);
  any_content_ = true;
  StreamEvent start;
  start.kind = Kind::kBlockStart;
  start.index = blocks_;
  start.block = std::move(block);
  out.push_back(std::move(start));
  StreamEvent stop;
  stop.kind = Kind::kBlockStop;
  stop.index = blocks_++;
  out.push_back(std::move(stop));
}

void Answer::fail(std::string_view reason, Events& out) {
  failed_ = true;
  StreamEvent event;
  event.kind = Kind::kError;
  event.failure.kind = model::FailureKind::kApi;
  event.failure.status = 500;
  event.failure.should_retry = true;
  event.failure.message = "The model ended its answer with nothing to use (" + std::string(reason) +
                          "). Trying again may help.";
  out.push_back(std::move(event));
}

void Answer::end(model::StopReason reason, Events& out) {
  StreamEvent event;
  event.kind = Kind::kMessageDelta;
  event.stop_reason = reason;
  event.usage = usage_;
  if (reason == model::StopReason::kStopSequence) {
    event.has_stop_sequence = true;
    event.stop_sequence = watch_.found();
  }
  if (reason == model::StopReason::kRefusal) {
    const std::string& why = !block_reason_.empty()     ? block_reason_
                             : !finish_message_.empty() ? finish_message_
                                                        : finish_reason_;
    json::Writer writer(event.stop_details);
    writer.begin_object().member("type", "refusal").key("category").null();
    writer.member("explanation", why).end_object();
  }
  out.push_back(std::move(event));
  StreamEvent stop;
  stop.kind = Kind::kMessageStop;
  out.push_back(std::move(stop));
}

}  // namespace tollgate::dialects::gemini_generate
