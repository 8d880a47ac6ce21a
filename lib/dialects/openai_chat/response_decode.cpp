#include <algorithm>

#include "dialects/openai_chat/chunk.hpp"
#include "dialects/openai_chat/parts.hpp"
#include "model/stream_fold.hpp"

namespace tollgate::dialects::openai_chat {
namespace {

/// A limit may cut the last call; one whose arguments are not whole must not be run.
void drop_cut_call(model::Response& response, Translation& translation) {
  if (response.stop_reason != model::StopReason::kMaxTokens || response.content.empty()) return;
  const model::Block& last = response.content.back();
  if (last.kind != model::BlockKind::kToolUse ||
      !last.input.starts_with("{\"__unparsedToolInput\"")) {
    return;
  }
  translation.losses.add(model::LossKind::kDropped, "a tool call cut by the limit: " + last.name);
  response.content.pop_back();
}

}  // namespace

Result<model::Response> decode_response(std::string_view body, Translation& translation) {
  json::Document document;
  std::string mended;
  auto parsed = document.parse(body);
  if (!parsed.ok() && mend_surrogates(body, mended)) {
    body = mended;
    parsed = document.parse(body);
  }
  if (!parsed.ok()) return parsed.status();
  const json::Value root = parsed.value();
  ChunkReader reader(translation);
  Events events;
  // White space may stand before the object; walks over the text begin at it.
  body.remove_prefix(std::min(body.find_first_not_of(" \t\r\n"), body.size()));
  if (Status status = reader.read(root, body, true, events); !status.ok()) return status;
  if (reader.failure()) {
    translation.failure = *reader.failure();
    return invalid("it holds an error: " + reader.failure()->message);
  }
  if (!reader.answer().started()) return invalid("there are no choices in it");
  if (Status status = reader.answer().end(true, events); !status.ok()) return status;
  model::StreamFold fold;
  for (const model::StreamEvent& event : events) {
    if (Status status = fold.add(event); !status.ok()) return status;
  }
  model::Response response = fold.take();
  drop_cut_call(response, translation);
  return response;
}

}  // namespace tollgate::dialects::openai_chat
