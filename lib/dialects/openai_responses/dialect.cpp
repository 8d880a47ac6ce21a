#include "dialects/openai_responses/dialect.hpp"

#include "dialects/openai_errors.hpp"
#include "dialects/openai_responses/answer_encode.hpp"
#include "dialects/openai_responses/parts.hpp"
#include "json/splice.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

class OpenaiResponses final : public Dialect {
 public:
  std::string_view name() const override { return "openai_responses"; }

  Result<model::Request> decode_parsed(json::Value root, std::string_view body) const override {
    return openai_responses::decode_request(root, body);
  }
  Status encode_request(const model::Request& request, Translation& translation,
                        std::string& out) const override {
    return openai_responses::encode_request(request, translation, out);
  }
  Result<model::Response> decode_response(std::string_view body,
                                          Translation& translation) const override {
    return openai_responses::decode_response(body, translation);
  }
  Status encode_response(const model::Response& response, Translation& translation,
                         std::string& out) const override {
    openai_responses::encode_response(response, translation, out);
    return Status();
  }
  std::unique_ptr<StreamDecoder> new_stream_decoder(Translation& translation) const override {
    return make_stream_decoder(translation);
  }
  std::unique_ptr<StreamEncoder> new_stream_encoder(Translation& translation) const override {
    return make_stream_encoder(translation);
  }
  std::optional<model::Lesson> lesson(uint32_t status, std::string_view body) const override {
    return openai_lesson(status, body);
  }
  std::optional<std::string> answer_of_refusal(uint32_t status,
                                               std::string_view body) const override {
    if (!is_refused_for_its_limit(status, body)) return std::nullopt;
    return R"({"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},)"
           R"("output":[]})";
  }
  bool counts_tokens() const override { return true; }
  Result<int64_t> decode_token_count(std::string_view body) const override {
    json::Document document;
    const Result<json::Value> answer = document.parse(body);
    if (!answer.ok()) return answer.status();
    const std::optional<int64_t> tokens = answer.value()["input_tokens"].integer();
    if (!tokens || *tokens < 0) return invalid("there is no input_tokens in it");
    return *tokens;
  }
  bool rename_model(std::string& data, std::string_view model) const override {
    auto span = json::find_span(data, {"response", "model"});
    // A whole answer has it at its top; an event that has one there would be none of ours.
    if (!span && !json::find_span(data, {"response"})) span = json::find_span(data, {"model"});
    if (!span || data[span->offset] != '"') return false;
    std::string name;
    json::append_string(name, model);
    if (std::string_view(data).substr(span->offset, span->size) == name) return false;
    data.replace(span->offset, span->size, name);
    return true;
  }
  model::Failure decode_error(uint32_t status, const wire::Headers& headers,
                              std::string_view body) const override {
    return openai_failure(status, headers, body);
  }
  void encode_error(const model::Failure& failure, std::string_view /*request_id*/,
                    std::string& out) const override {
    encode_openai_error(failure, out);
  }
  void encode_stream_error(const model::Failure& failure, std::string_view request_id,
                           std::string& out) const override {
    AnswerHead head;
    head.id = request_id;
    head.status = "failed";
    head.failure = &failure;
    out.append("event: response.failed\ndata: ");
    json::Writer writer(out);
    writer.begin_object().member("type", "response.failed");
    writer.member("sequence_number", int64_t{0}).key("response");
    write_answer(head, Translation(), writer);
    writer.end_object();
    out.append("\n\n");
  }
  bool numbers_events() const override { return true; }
  std::string_view ping() const override {
    // Codex counts events, not comments.
    return "event: keepalive\ndata: {\"type\":\"keepalive\",\"sequence_number\":0}\n\n";
  }
};

}  // namespace

const Dialect& dialect() {
  static const OpenaiResponses instance;
  return instance;
}

}  // namespace tollgate::dialects::openai_responses
