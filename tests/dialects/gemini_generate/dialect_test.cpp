#include "dialects/gemini_generate/dialect.hpp"

#include "dialects/gemini_generate/through_gemini.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

TEST_CASE("the dialect is for upstreams only, and says so") {
  Translation translation;
  std::string out;
  CHECK(dialect().name() == "gemini_generate");
  CHECK(dialect().decode_request("{}").status().code() == Code::kInternal);
  CHECK(dialect().encode_response({}, translation, out).code() == Code::kInternal);
  const auto encoder = dialect().new_stream_encoder(translation);
  REQUIRE(encoder != nullptr);
  CHECK(encoder->on_event({}, out).code() == Code::kInternal);
  CHECK(out.empty());
}

TEST_CASE("of all dialects only Gemini's says nothing and may say it when it is asked again") {
  CHECK(dialect().asks_again_when_empty());
  CHECK_FALSE(anthropic_messages::dialect().asks_again_when_empty());
  CHECK_FALSE(dialect().takes_no_tokens());
  CHECK(anthropic_messages::dialect().takes_no_tokens());
}

TEST_CASE("errors are written as Google writes them") {
  model::Failure failure;
  failure.status = 429;
  failure.message = "slow";
  std::string out;
  dialect().encode_error(failure, "id", out);
  CHECK(out == "{\"error\":{\"code\":429,\"message\":\"slow\"}}");
  out.clear();
  dialect().encode_stream_error(failure, "id", out);
  CHECK(out == "data: {\"error\":{\"code\":429,\"message\":\"slow\"}}\r\n\r\n");
  CHECK(dialect().ping().empty());
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
