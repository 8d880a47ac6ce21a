#include "base/ascii.hpp"
#include "dialects/openai_responses/answer_reader.hpp"
#include "dialects/openai_responses/parts.hpp"
#include "dialects/surrogates.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

class Decoder final : public StreamDecoder {
 public:
  explicit Decoder(Translation& translation) : reader_(translation) {}

  Status on_event(std::string_view name, std::string_view data,
                  std::vector<model::StreamEvent>& out) override {
    data = ascii::trim(data);
    // Behind the end some servers say "[DONE]", which is no JSON, or the same once more.
    if (reader_.ended() || data.empty() || data == "[DONE]") return Status();
    Result<json::Value> parsed = document_.parse(data);
    if (!parsed.ok() && mend_surrogates(data, mended_)) {
      data = mended_;
      parsed = document_.parse(data);
    }
    if (!parsed.ok() || !parsed.value().is_object()) {
      return invalid("the upstream's stream holds data that is no JSON object");
    }
    const json::Value event = parsed.value();
    const std::string_view type = event["type"].string_or(name);
    EventName what = event_named(type);
    // Servers in front of a model tell an error in shapes of their own.
    const bool tells_error = event["error"].exists() && !event["error"].is_null();
    if (what == EventName::kOther && (tells_error || name == "error")) {
      what = EventName::kError;
    }
    return reader_.take(what, event, data, out);
  }

  Status on_end(std::vector<model::StreamEvent>& /*out*/) override {
    if (reader_.ended()) return Status();
    return invalid(reader_.started() ? "the upstream's stream ended in the middle"
                                     : "the upstream's stream ended before it began");
  }

 private:
  json::Document document_;
  std::string mended_;
  AnswerReader reader_;
};

}  // namespace

std::unique_ptr<StreamDecoder> make_stream_decoder(Translation& translation) {
  return std::make_unique<Decoder>(translation);
}

}  // namespace tollgate::dialects::openai_responses
