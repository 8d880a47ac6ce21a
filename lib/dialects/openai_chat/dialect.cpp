#include "dialects/openai_chat/dialect.hpp"

#include "dialects/openai_chat/parts.hpp"
#include "dialects/openai_errors.hpp"
#include "json/reader.hpp"
#include "json/splice.hpp"

namespace tollgate::dialects::openai_chat {
namespace {

class OpenaiChat final : public Dialect {
 public:
  std::string_view name() const override { return "openai_chat"; }

  Result<model::Request> decode_parsed(json::Value root, std::string_view body) const override {
    return openai_chat::decode_request(root, body);
  }
  Status encode_request(const model::Request& request, Translation& translation,
                        std::string& out) const override {
    return openai_chat::encode_request(request, translation, out);
  }
  Result<model::Response> decode_response(std::string_view body,
                                          Translation& translation) const override {
    return openai_chat::decode_response(body, translation);
  }
  Status encode_response(const model::Response& response, Translation& translation,
                         std::string& out) const override {
    openai_chat::encode_response(response, translation, out);
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
    return R"({"choices":[{"index":0,"message":{"role":"assistant","content":""},)"
           R"("finish_reason":"length"}]})";
  }
  /// Not every server of this dialect has a counter: vLLM's is at "/tokenize".
  Result<int64_t> decode_token_count(std::string_view body) const override {
    json::Document document;
    const Result<json::Value> answer = document.parse(body);
    if (!answer.ok()) return answer.status();
    // Some list the tokens: xAI, llama.cpp.
    for (const std::string_view list : {"token_ids", "tokens"}) {
      const json::Value tokens = answer.value()[list];
      if (tokens.is_array() && !answer.value()["count"].exists()) {
        return static_cast<int64_t>(tokens.size());
      }
    }
    const std::optional<int64_t> tokens = answer.value()["count"].integer();
    if (!tokens || *tokens < 0) return invalid("there is no count in it");
    return *tokens;
  }
  bool rename_model(std::string& data, std::string_view model) const override {
    // Every chunk and every answer tells it at its top; an error and "[DONE]" do not.
    const auto span = json::find_span(data, {"model"});
    if (!span || span->size < 2 || data[span->offset] != '"') return false;
    std::string spelled;
    json::append_string(spelled, model);
    if (data.compare(span->offset, span->size, spelled) == 0) return false;
    data.replace(span->offset, span->size, spelled);
    return true;
  }
  std::optional<std::pair<std::string, std::string>> usage_wish(
      const model::Request& request, std::string_view body,
      const Translation& translation) const override {
    return openai_chat::usage_wish(request, body, translation);
  }
  bool is_wished_usage(std::string_view data) const override {
    return openai_chat::is_wished_usage(data);
  }
  model::Failure decode_error(uint32_t status, const wire::Headers& headers,
                              std::string_view body) const override {
    return openai_failure(status, headers, body);
  }
  void encode_error(const model::Failure& failure, std::string_view /*request_id*/,
                    std::string& out) const override {
    encode_openai_error(failure, out);
  }
  void encode_stream_error(const model::Failure& failure, std::string_view /*request_id*/,
                           std::string& out) const override {
    out += "data: ";
    encode_openai_error(failure, out);
    out += "\n\ndata: [DONE]\n\n";
  }
  // A comment: clients of this dialect know no event that means nothing.
  std::string_view ping() const override { return ": ping\n\n"; }
};

}  // namespace

const Dialect& dialect() {
  static const OpenaiChat instance;
  return instance;
}

}  // namespace tollgate::dialects::openai_chat
