#include "dialects/bedrock_converse/dialect.hpp"

#include <string>

#include "dialects/bedrock_converse/converse_support.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

TEST_CASE("the dialect is an upstream's only") {
  Translation translation;
  std::string out;
  CHECK(dialect().name() == "bedrock_converse");
  CHECK_FALSE(dialect().decode_request("{}").ok());
  CHECK_FALSE(dialect().encode_response({}, translation, out).ok());
  CHECK_FALSE(dialect().new_stream_encoder(translation)->on_event({}, out).ok());
  CHECK(out.empty());
}

}  // namespace
}  // namespace tollgate::dialects::bedrock_converse
