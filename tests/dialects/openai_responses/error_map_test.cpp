#include "dialects/openai_responses/parts.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

TEST_CASE("failures inside an answer are read from wherever they stand") {
  struct Row {
    std::string event;
    model::FailureKind kind;
  };
  const Row rows[] = {
      {R"({"type":"error","code":"server_error","message":"Broken."})", model::FailureKind::kApi},
      {R"({"response":{"error":{"code":"server_error","message":"Broken."}}})",
       model::FailureKind::kApi},
      {R"({"error":{"type":"invalid_request_error","code":"invalid_prompt","message":"Broken."}})",
       model::FailureKind::kInvalidRequest},
      {R"({"error":{"code":"server_is_overloaded","type":"service_unavailable_error","message":"Broken. overloaded"}})",
       model::FailureKind::kOverloaded},
  };
  json::Document document;
  for (const Row& row : rows) {
    INFO(row.event);
    const auto parsed = document.parse(row.event);
    REQUIRE(parsed.ok());
    const model::Failure failure = read_failure(parsed.value());
    CHECK(failure.message.find("Broken.") != std::string::npos);
    CHECK(failure.kind == row.kind);
  }
}

TEST_CASE("filters are named when the upstream tells which they were") {
  json::Document document;
  const auto details = [&](const std::string& filters) {
    const auto parsed = document.parse(filters);
    REQUIRE(parsed.ok());
    return filter_details(parsed.value());
  };
  CHECK(details("null").empty());
  CHECK(details("[]").empty());
  CHECK(details(R"([{"content_filter_results":{"hate":{"filtered":false}}}])").empty());
  CHECK(
      details(
          R"([{"content_filter_results":{"hate":{"filtered":true},"self_harm":{"filtered":true}}}])")
          .find("(hate, self_harm)") != std::string::npos);
}

}  // namespace
}  // namespace tollgate::dialects::openai_responses
