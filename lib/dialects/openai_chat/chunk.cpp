#include "dialects/openai_chat/chunk.hpp"

#include "dialects/context_overflow.hpp"
#include "dialects/openai_chat/usage.hpp"
#include "json/walk.hpp"
#include "model/tool_input.hpp"

namespace tollgate::dialects::openai_chat {
namespace {

/// Which field holds reasoning: one of them counts, since some servers tell it in two.
std::string_view reasoning_field(json::Value message) {
  for (const std::string_view field : {"reasoning", "reasoning_content", "reasoning_text"}) {
    if (!message[field].string_or("").empty()) return field;
  }
  return {};
}

std::string categories_of(json::Value filters) {
  std::string found;
  for (const json::Member member : filters.members()) {
    if (member.value["filtered"].boolean() != true) continue;
    if (!found.empty()) found += ", ";
    found += member.key;
  }
  return found;
}

/// The one that counts; others were not asked for.
json::Value first_choice(json::Value root) {
  for (const json::Value choice : root["choices"].elements()) {
    if (choice["index"].integer().value_or(0) == 0) return choice;
  }
  return {};
}

model::Failure failure_of(model::FailureKind kind, uint32_t status, std::string message) {
  model::Failure failure;
  failure.kind = kind;
  failure.status = status;
  failure.message = std::move(message);
  return failure;
}

}  // namespace

/// The text of the member at the end of a path from the message, for what must go on as it came.
/// `element` is the place in a list on the way.
std::string_view ChunkReader::raw(std::string_view list, size_t element,
                                  std::initializer_list<std::string_view> path) const {
  std::string_view found;
  for (json::MemberWalk outer(root_, json_); outer.next();) {
    if (outer.key() != "choices") continue;
    for (json::ElementWalk choices(outer.value(), outer.text()); choices.next();) {
      if (choices.value()["index"].integer().value_or(0) != 0) continue;
      const auto span = json::find_span(choices.text(), {is_whole_ ? "message" : "delta", list});
      if (!span) return {};
      found = choices.text().substr(span->offset, span->size);
      break;
    }
  }
  if (path.size() == 0 || found.empty()) return found;
  json::Document document;
  const auto parsed = document.parse(found);
  if (!parsed.ok()) return {};
  for (json::ElementWalk walk(parsed.value(), found); walk.next();) {
    if (element-- > 0) continue;
    const auto span = json::find_span(walk.text(), path);
    return span ? walk.text().substr(span->offset, span->size) : std::string_view();
  }
  return {};
}

bool ChunkReader::read_error(json::Value root) {
  const json::Value error = root["error"];
  const bool told = error.is_object() || !error.string_or("").empty() ||
                    root["object"].string_or("") == "error" ||
                    root["type"].string_or("") == "error";
  if (!told) return false;
  const OpenaiError read = read_openai_error(root);
  // Behind a finish it says why the answer finished.
  if (!answer_.finish_reason().empty() && read.status == 400) return false;
  fail(read);
  return true;
}

void ChunkReader::fail(const OpenaiError& error) {
  failure_ = openai_failure(0, error);
  complete_context_overflow(*failure_, translation_.input_tokens_estimate,
                            translation_.facts.context_window);
  if (failure_->message.empty()) failure_->message = "The upstream reported an error.";
}

void ChunkReader::read_error_event(json::Value root) {
  const OpenaiError error = read_openai_error(root);
  if (answer_.finish_reason().empty() || error.status != 400) fail(error);
}

/// Counters that tell nothing come with every chunk of some servers, and are no news.
void ChunkReader::read_usage_of(json::Value root) {
  for (const json::Value usage :
       {root["usage"], root["x_groq"]["usage"], first_choice(root)["usage"]}) {
    if (!usage.is_object() || usage.size() == 0) continue;
    model::UsagePatch patch = read_usage(usage);
    if (*patch.input + *patch.cache_read + *patch.cache_write + *patch.output == 0) continue;
    const std::string_view tier = root["service_tier"].string_or("");
    if (!tier.empty()) {
      patch.service_tier = tier == "priority" || tier == "fast" ? "priority" : "standard";
    }
    answer_.usage(patch);
  }
}

Status ChunkReader::read(json::Value root, std::string_view json, bool is_whole, Events& out) {
  root_ = root;
  json_ = json;
  is_whole_ = is_whole;
  read_usage_of(root);
  if (read_error(root)) return Status();
  const json::Value choice = first_choice(root);
  if (!choice.is_object()) return Status();
  answer_.start(root["model"].string_or(""), out);
  if (Status status = read_choice(choice, out); !status.ok()) return status;
  return answer_.broken() ? broken_call() : Status();
}

Status ChunkReader::read_choice(json::Value choice, Events& out) {
  // Some answer with the whole message at once, stream or not.
  if (!is_whole_ && !choice["delta"].is_object() && choice["message"].is_object() &&
      !answer_.said_anything()) {
    is_whole_ = true;
  }
  const json::Value message = choice[is_whole_ ? "message" : "delta"];
  if (message.is_object()) {
    if (Status status = read_message(message, out); !status.ok()) return status;
  }
  read_finish(choice);
  return Status();
}

void ChunkReader::read_content(json::Value content, Events& out) {
  if (content.is_string()) {
    answer_.text(text_halves_.join(content.string_or(""), room_), out);
    return;
  }
  for (const json::Value part : content.elements()) {
    const std::string_view type = part["type"].string_or("");
    if (type == "thinking") {
      const json::Value thinking = part["thinking"];
      answer_.reasoning("reasoning_content", thinking.string_or(""), out);
      for (const json::Value piece : thinking.elements())
        answer_.reasoning("reasoning_content", piece["text"].string_or(""), out);
    } else if (type == "refusal") {
      answer_.refusal(part["refusal"].string_or(""), out);
    } else {
      answer_.text(text_halves_.join(part["text"].string_or(""), room_), out);
    }
  }
}

Status ChunkReader::read_message(json::Value message, Events& out) {
  // One walk over the members: most chunks have one that says something.
  json::Value content;
  json::Value refusal;
  json::Value calls;
  json::Value legacy_call;
  json::Value details;
  json::Value annotations;
  bool has_reasoning = false;
  for (const json::Member member : message.members()) {
    const std::string_view key = member.key;
    if (key == "content") content = member.value;
    if (key == "refusal") refusal = member.value;
    if (key == "tool_calls") calls = member.value;
    if (key == "function_call") legacy_call = member.value;
    if (key == "reasoning_details") details = member.value;
    if (key == "annotations") annotations = member.value;
    if (key.starts_with("reasoning")) has_reasoning = true;
  }
  if (has_reasoning) {
    const std::string_view field = reasoning_field(message);
    if (!field.empty()) {
      field_seen_ = true;
      const std::string_view text = message[field].string_or("");
      answer_.reasoning(field, reasoning_halves_.join(text, room_), out);
    }
    if (details.size() > 0) {
      answer_.details(details, raw("reasoning_details", 0, {}), !field_seen_, out);
    }
  }
  read_content(content, out);
  const std::string_view refused = refusal.string_or("");
  if (!refused.empty() && refused == content.string_or("")) {
    answer_.refused();
  } else {
    answer_.refusal(refused, out);
  }
  for (const json::Value annotation : annotations.elements())
    answer_.citation(annotation);
  if (calls.size() > 0) {
    if (Status status = read_calls(calls, out); !status.ok()) return status;
  }
  return read_legacy_call(legacy_call, out);
}

Status ChunkReader::read_legacy_call(json::Value call, Events& out) {
  const std::string_view name = call["name"].string_or("");
  const std::string_view arguments = call["arguments"].string_or("");
  if (name.empty() && arguments.empty()) return Status();
  return answer_.call({0, "", name, mended_arguments(arguments)}, out);
}

/// Of a whole message all is known at once: what is no JSON can still be made some.
std::string_view ChunkReader::mended_arguments(std::string_view arguments) {
  if (!is_whole_ || !arguments.starts_with('{')) return arguments;
  arguments_.clear();
  Arguments watched;
  watched.feed(arguments, arguments_);
  arguments_ = model::tool_input(arguments_);
  return arguments_;
}

Status ChunkReader::read_calls(json::Value calls, Events& out) {
  size_t at = 0;
  for (const json::Value call : calls.elements()) {
    CallPiece piece;
    piece.index = call["index"].integer();
    piece.id = call["id"].string_or("");
    const json::Value function = call["function"];
    piece.name = function["name"].string_or("");
    const json::Value arguments = function["arguments"];
    piece.arguments = mended_arguments(arguments.string_or(""));
    if (arguments.is_object() || arguments.is_array()) {
      piece.arguments = raw("tool_calls", at, {"function", "arguments"});
    }
    ++at;
    if (Status status = answer_.call(piece, out); !status.ok()) return status;
  }
  return Status();
}

void ChunkReader::read_finish(json::Value choice) {
  const std::string_view reason = choice["finish_reason"].string_or("");
  const std::string filtered = categories_of(choice["content_filter_results"]);
  if (!filtered.empty()) answer_.filtered(filtered);
  for (const json::Value matched : {choice["stop_reason"], choice["matched_stop"]}) {
    if (!matched.string_or("").empty()) answer_.stopped_at(matched.string_or(""));
  }
  if (reason.empty()) return;
  if (choice["error"].is_object()) {
    fail(read_openai_error(choice));
  } else if (reason == "error" || reason == "network_error") {
    failure_ = failure_of(model::FailureKind::kApi, 500,
                          "The upstream ended its answer with '" + std::string(reason) + "'.");
  } else if (reason == "insufficient_system_resource" || reason == "abort") {
    failure_ = failure_of(model::FailureKind::kOverloaded, 529,
                          "The upstream ended its answer with '" + std::string(reason) + "'.");
  } else {
    answer_.finish(reason);
  }
}

}  // namespace tollgate::dialects::openai_chat
