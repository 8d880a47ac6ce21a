#include "dialects/anthropic_messages/dialect.hpp"
#include "exchange/road.hpp"
#include "support/catch.hpp"
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
    const auto road = make_translation_road(dialect, dialect, translation);
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

}  // namespace
}  // namespace tollgate::exchange
