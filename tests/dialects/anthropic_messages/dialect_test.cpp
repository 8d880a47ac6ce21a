#include "dialects/anthropic_messages/through_model.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

TEST_CASE("the dialect is one object with a name") {
  CHECK(&dialect() == &dialect());
  CHECK(dialect().name() == "anthropic_messages");
}

TEST_CASE("pings and failures of a stream are whole events") {
  const auto pings = test::sse_events(dialect().ping());
  REQUIRE(pings.size() == 1);
  CHECK(pings[0].name == "ping");

  model::Failure failure;
  failure.kind = model::FailureKind::kTimeout;
  failure.message = "line\nbreak";
  std::string out;
  dialect().encode_stream_error(failure, "req_1", out);
  const auto errors = test::sse_events(out);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].name == "error");
  std::string body;
  dialect().encode_error(failure, "req_1", body);
  CHECK(errors[0].data == body);
}

}  // namespace
}  // namespace tollgate::dialects::anthropic_messages
