#include "dialects/gemini_generate/answer.hpp"
#include "dialects/gemini_generate/parts.hpp"
#include "json/walk.hpp"
#include "model/stream_fold.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

/// One response, or the list of pieces that a stream without framing is.
Status add_all(json::Value root, std::string_view text, Answer& answer, Answer::Events& out) {
  if (!root.is_array()) return answer.add(root, text, out);
  Status status;
  for (json::ElementWalk walk(root, text); status.ok() && walk.next();)
    status = answer.add(walk.value(), walk.text(), out);
  return status;
}

class Decoder final : public StreamDecoder {
 public:
  explicit Decoder(Translation& translation) : answer_(translation) {}

  Status on_event(std::string_view /*name*/, std::string_view data,
                  std::vector<model::StreamEvent>& out) override {
    if (data.empty() || data == "[DONE]" || answer_.over()) return Status();
    const Result<json::Value> parsed = document_.parse(data);
    if (!parsed.ok()) return invalid("the upstream's stream holds data that is no JSON");
    return add_all(parsed.value(), data, answer_, out);
  }
  // Some models tell a reason to finish with every piece: only the end of the stream is the end.
  Status on_end(std::vector<model::StreamEvent>& out) override { return answer_.finish(out); }

 private:
  json::Document document_;
  Answer answer_;
};

}  // namespace

std::unique_ptr<StreamDecoder> make_stream_decoder(Translation& translation) {
  return std::make_unique<Decoder>(translation);
}

Result<model::Response> decode_response(std::string_view body, Translation& translation) {
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  if (!parsed.ok()) {
    return Status(parsed.status().code(),
                  "the upstream's answer is not valid JSON: " + parsed.status().message());
  }
  Answer answer(translation);
  Answer::Events events;
  if (Status status = add_all(parsed.value(), body, answer, events); !status.ok()) return status;
  answer.whole();
  if (Status status = answer.finish(events); !status.ok()) return status;
  model::StreamFold fold;
  for (const model::StreamEvent& event : events) {
    if (event.kind == model::StreamEventKind::kError) {
      translation.failure = event.failure;
      return invalid(event.failure.message);
    }
    if (Status status = fold.add(event); !status.ok()) return status;
  }
  if (!fold.complete()) return Status(Code::kInternal, "a translated answer is not whole");
  model::Response response = fold.take();
  response.usage.estimated = !answer.input_known();
  return response;
}

}  // namespace tollgate::dialects::gemini_generate
