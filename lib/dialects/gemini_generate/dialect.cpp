#include "dialects/gemini_generate/dialect.hpp"

#include "dialects/gemini_generate/parts.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

Status upstreams_only() {
  return Status(Code::kInternal, "gemini_generate is spoken to upstreams, not by clients");
}

class NoEncoder final : public StreamEncoder {
 public:
  Status on_event(const model::StreamEvent& /*event*/, std::string& /*out*/) override {
    return upstreams_only();
  }
};

class GeminiGenerate final : public Dialect {
 public:
  std::string_view name() const override { return "gemini_generate"; }

  Result<model::Request> decode_parsed(json::Value /*root*/,
                                       std::string_view /*body*/) const override {
    return upstreams_only();
  }
  Status encode_request(const model::Request& request, Translation& translation,
                        std::string& out) const override {
    return gemini_generate::encode_request(request, translation, out);
  }
  Result<model::Response> decode_response(std::string_view body,
                                          Translation& translation) const override {
    return gemini_generate::decode_response(body, translation);
  }
  Status encode_response(const model::Response& /*response*/, Translation& /*translation*/,
                         std::string& /*out*/) const override {
    return upstreams_only();
  }
  std::unique_ptr<StreamDecoder> new_stream_decoder(Translation& translation) const override {
    return make_stream_decoder(translation);
  }
  std::unique_ptr<StreamEncoder> new_stream_encoder(Translation& /*translation*/) const override {
    return std::make_unique<NoEncoder>();
  }
  std::optional<model::Lesson> lesson(uint32_t status, std::string_view body) const override {
    return gemini_generate::lesson(status, body);
  }
  bool streams_arrays() const override { return true; }
  bool asks_again_when_empty() const override { return true; }
  bool counts_tokens() const override { return true; }
  Result<int64_t> decode_token_count(std::string_view body) const override {
    json::Document document;
    const Result<json::Value> answer = document.parse(body);
    if (!answer.ok()) return answer.status();
    const std::optional<int64_t> tokens = answer.value()["totalTokens"].integer();
    if (!tokens) return invalid("there is no totalTokens in it");
    return *tokens;
  }
  model::Failure decode_error(uint32_t status, const wire::Headers& headers,
                              std::string_view body) const override {
    return gemini_generate::decode_error(status, headers, body);
  }
  void encode_error(const model::Failure& failure, std::string_view /*request_id*/,
                    std::string& out) const override {
    json::Writer writer(out);
    writer.begin_object().key("error").begin_object();
    writer.member("code", int64_t{failure.status}).member("message", failure.message);
    writer.end_object().end_object();
  }
  void encode_stream_error(const model::Failure& failure, std::string_view request_id,
                           std::string& out) const override {
    out += "data: ";
    encode_error(failure, request_id, out);
    out += "\r\n\r\n";
  }
  std::string_view ping() const override { return {}; }
};

}  // namespace

const Dialect& dialect() {
  static const GeminiGenerate instance;
  return instance;
}

}  // namespace tollgate::dialects::gemini_generate
