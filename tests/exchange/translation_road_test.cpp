#include "dialects/anthropic_messages/dialect.hpp"
#include "exchange/road.hpp"
#include "providers/provider.hpp"
#include "support/catch.hpp"
#include "support/fake_host.hpp"
#include "support/recordings.hpp"

namespace tollgate::exchange {
namespace {

TEST_CASE("recorded streams survive the way through the hub") {
  const dialects::Dialect& dialect = dialects::anthropic_messages::dialect();
  for (const auto& path : test::recordings("anthropic", ".sse")) {
    CAPTURE(path);
    const std::string stream = test::read_file(path);
    dialects::Translation translation;
    translation.requested_model = "claude-asked-for";
    const auto road = make_translation_road(
        FrameReader(*providers::find_provider("anthropic"), providers::Framing::kSse), dialect,
        dialect, translation);
    const auto splice = make_splice_road("claude-asked-for");
    std::string out;
    std::string spliced;
    for (size_t at = 0; at < stream.size(); at += 13) {
      REQUIRE(road->feed(std::string_view(stream).substr(at, 13), out).ok());
      REQUIRE(splice->feed(std::string_view(stream).substr(at, 13), spliced).ok());
    }
    REQUIRE(road->finish(out).ok());
    REQUIRE(splice->finish(spliced).ok());
    CHECK(road->complete());
    CHECK(splice->complete());
    CHECK(road->usage().tokens == splice->usage().tokens);
    CHECK(road->stop_reason() == splice->stop_reason());
    CHECK(out.find(R"("model":"claude-asked-for")") != std::string::npos);
    CHECK(spliced.find(R"("model":"claude-asked-for")") != std::string::npos);
  }
}

/// Anthropic Messages under another identity, so that an exchange takes the translating road.
class OtherDialect final : public dialects::Dialect {
 public:
  std::string_view name() const override { return "other"; }
  Result<model::Request> decode_parsed(json::Value root, std::string_view body) const override {
    return same_.decode_parsed(root, body);
  }
  Status encode_request(const model::Request& request, dialects::Translation& translation,
                        std::string& out) const override {
    return same_.encode_request(request, translation, out);
  }
  Result<model::Response> decode_response(std::string_view body,
                                          dialects::Translation& translation) const override {
    return same_.decode_response(body, translation);
  }
  Status encode_response(const model::Response& response, dialects::Translation& translation,
                         std::string& out) const override {
    return same_.encode_response(response, translation, out);
  }
  std::unique_ptr<dialects::StreamDecoder> new_stream_decoder(
      dialects::Translation& translation) const override {
    return same_.new_stream_decoder(translation);
  }
  std::unique_ptr<dialects::StreamEncoder> new_stream_encoder(
      dialects::Translation& translation) const override {
    return same_.new_stream_encoder(translation);
  }
  model::Failure decode_error(uint32_t status, const wire::Headers& headers,
                              std::string_view body) const override {
    return same_.decode_error(status, headers, body);
  }
  void encode_error(const model::Failure& failure, std::string_view request_id,
                    std::string& out) const override {
    same_.encode_error(failure, request_id, out);
  }
  void encode_stream_error(const model::Failure& failure, std::string_view request_id,
                           std::string& out) const override {
    same_.encode_stream_error(failure, request_id, out);
  }
  std::string_view ping() const override { return same_.ping(); }

 private:
  const dialects::Dialect& same_ = dialects::anthropic_messages::dialect();
};

class OtherProvider final : public providers::Provider {
 public:
  std::string_view type() const override { return "other"; }
  const dialects::Dialect& dialect(const providers::Endpoint& /*endpoint*/) const override {
    return dialect_;
  }
  Status prepare(const providers::CallContext& context,
                 providers::UpstreamRequest& out) const override {
    out.url = context.endpoint.account.base_url;
    return Status();
  }
  bool passes_answer_header(const providers::Account& /*account*/,
                            std::string_view name) const override {
    return name == "content-type";
  }

 private:
  OtherDialect dialect_;
};

TEST_CASE("across dialects an error event is told at once, not when the upstream ends") {
  const OtherProvider provider;
  const auto gateway = test::make_gateway();
  auto configuration = std::make_shared<config::Configuration>(*gateway->configuration());
  for (providers::Account& account : configuration->accounts)
    account.provider = &provider;
  test::FakeHost host(std::make_unique<exchange::Exchange>(gateway->environment(), configuration,
                                                           ExchangeOptions{},
                                                           Time{1'000'000'000, 1'795'338'000'000}));
  host.post(R"({"model":"claude-same","max_tokens":1,"messages":[],"stream":true})");
  host.upstream_head(200, {{"content-type", "text/event-stream"}});
  host.upstream_body(
      "event: message_start\n"
      R"(data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],"usage":{"input_tokens":1,"output_tokens":1}}})"
      "\n\nevent: content_block_start\n"
      R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
      "\n\n");
  REQUIRE(host.heads == 1);
  host.upstream_body(
      "event: error\n"
      R"(data: {"type":"error","error":{"type":"overloaded_error","message":"busy"}})"
      "\n\n");
  CHECK(host.done);
  CHECK(host.ends == 1);
  CHECK(host.calls[0].cancelled);
  CHECK(host.body.find("overloaded_error") != std::string::npos);
  CHECK(host.body.find("message_stop") == std::string::npos);
}

}  // namespace
}  // namespace tollgate::exchange
