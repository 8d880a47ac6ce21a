#include "dialects/bedrock_converse/dialect.hpp"

#include "dialects/bedrock_converse/error_map.hpp"
#include "dialects/bedrock_converse/lessons.hpp"
#include "dialects/bedrock_converse/parts.hpp"
#include "json/writer.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

Status upstream_only() {
  return Status(Code::kInternal, "bedrock_converse is spoken to upstreams only");
}

class BedrockConverse final : public Dialect {
 public:
  std::string_view name() const override { return "bedrock_converse"; }

  Result<model::Request> decode_parsed(json::Value, std::string_view) const override {
    return upstream_only();
  }
  Status encode_request(const model::Request& request, Translation& translation,
                        std::string& out) const override {
    return bedrock_converse::encode_request(request, translation, out);
  }
  Result<model::Response> decode_response(std::string_view body,
                                          Translation& translation) const override {
    return bedrock_converse::decode_response(body, translation);
  }
  Status encode_response(const model::Response&, Translation&, std::string&) const override {
    return upstream_only();
  }
  std::unique_ptr<StreamDecoder> new_stream_decoder(Translation& translation) const override {
    return make_stream_decoder(translation);
  }
  std::unique_ptr<StreamEncoder> new_stream_encoder(Translation&) const override {
    return std::make_unique<NoEncoder>();
  }

  std::optional<model::Lesson> lesson(uint32_t status, std::string_view body) const override {
    return read_lesson(status, body);
  }
  bool counts_tokens() const override { return true; }
  Result<int64_t> decode_token_count(std::string_view body) const override {
    json::Document document;
    const Result<json::Value> answer = document.parse(body);
    if (!answer.ok()) return answer.status();
    const std::optional<int64_t> tokens = answer.value()["inputTokens"].integer();
    if (!tokens) return invalid("there is no inputTokens in it");
    return *tokens;
  }

  model::Failure decode_error(uint32_t status, const wire::Headers& headers,
                              std::string_view body) const override {
    return bedrock_converse::decode_error(status, headers, body);
  }
  void encode_error(const model::Failure& failure, std::string_view,
                    std::string& out) const override {
    json::Writer(out).begin_object().member("message", failure.message).end_object();
  }
  void encode_stream_error(const model::Failure&, std::string_view, std::string&) const override {}
  std::string_view ping() const override { return {}; }

 private:
  class NoEncoder final : public StreamEncoder {
   public:
    Status on_event(const model::StreamEvent&, std::string&) override { return upstream_only(); }
  };
};

}  // namespace

const Dialect& dialect() {
  static const BedrockConverse instance;
  return instance;
}

}  // namespace tollgate::dialects::bedrock_converse
