#include "dialects/anthropic_messages/dialect.hpp"

#include "dialects/anthropic_messages/parts.hpp"
#include "json/reader.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

class AnthropicMessages final : public Dialect {
 public:
  std::string_view name() const override { return "anthropic_messages"; }

  bool takes_no_tokens() const override { return true; }
  Result<model::Request> decode_parsed(json::Value root, std::string_view body) const override {
    return anthropic_messages::decode_request(root, body);
  }
  Status encode_request(const model::Request& request, Translation& translation,
                        std::string& out) const override {
    anthropic_messages::encode_request(request, translation, out);
    return Status();
  }
  Result<model::Response> decode_response(std::string_view body, Translation&) const override {
    return anthropic_messages::decode_response(body);
  }
  Status encode_response(const model::Response& response, Translation& translation,
                         std::string& out) const override {
    anthropic_messages::encode_response(response, translation, out);
    return Status();
  }
  std::unique_ptr<StreamDecoder> new_stream_decoder(Translation&) const override {
    return make_stream_decoder();
  }
  std::unique_ptr<StreamEncoder> new_stream_encoder(Translation& translation) const override {
    return make_stream_encoder(translation);
  }
  model::Failure decode_error(uint32_t status, const wire::Headers& headers,
                              std::string_view body) const override {
    return anthropic_messages::decode_error(status, headers, body);
  }
  void encode_error(const model::Failure& failure, std::string_view request_id,
                    std::string& out) const override {
    anthropic_messages::encode_error(failure, request_id, out);
  }
  void encode_stream_error(const model::Failure& failure, std::string_view request_id,
                           std::string& out) const override {
    out.append("event: error\ndata: ");
    anthropic_messages::encode_error(failure, request_id, out);
    out.append("\n\n");
  }
  bool counts_tokens() const override { return true; }
  Result<int64_t> decode_token_count(std::string_view body) const override {
    json::Document document;
    const Result<json::Value> answer = document.parse(body);
    if (!answer.ok()) return answer.status();
    const std::optional<int64_t> tokens = answer.value()["input_tokens"].integer();
    if (!tokens) return invalid("there is no input_tokens in it");
    return *tokens;
  }
  std::string_view ping() const override { return "event: ping\ndata: {\"type\": \"ping\"}\n\n"; }
};

}  // namespace

const Dialect& dialect() {
  static const AnthropicMessages instance;
  return instance;
}

}  // namespace tollgate::dialects::anthropic_messages
