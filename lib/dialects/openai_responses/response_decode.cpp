#include "dialects/openai_responses/answer_reader.hpp"
#include "dialects/openai_responses/parts.hpp"
#include "dialects/surrogates.hpp"
#include "model/stream_fold.hpp"

namespace tollgate::dialects::openai_responses {

Result<model::Response> decode_response(std::string_view body, Translation& translation) {
  json::Document document;
  Result<json::Value> parsed = document.parse(body);
  std::string mended;
  if (!parsed.ok() && mend_surrogates(body, mended)) {
    body = mended;
    parsed = document.parse(body);
  }
  if (!parsed.ok()) return parsed.status();
  const json::Value root = parsed.value();
  if (!root["output"].is_array()) return invalid("there is no output in it");
  AnswerReader reader(translation);
  std::vector<model::StreamEvent> events;
  if (Status status = reader.take_whole(root, body, events); !status.ok()) return status;
  model::StreamFold fold;
  for (const model::StreamEvent& event : events) {
    if (event.kind == model::StreamEventKind::kError) {
      translation.failure = event.failure;
      return invalid(event.failure.message);
    }
    if (Status status = fold.add(event); !status.ok()) return status;
  }
  return fold.take();
}

}  // namespace tollgate::dialects::openai_responses
