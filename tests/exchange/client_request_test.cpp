#include "exchange/client_request.hpp"

#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

struct PathCase {
  const char* method;
  const char* path;
  Operation operation;
};

const PathCase kPaths[] = {
    {"POST", "/v1/messages", Operation::kMessages},
    {"POST", "/messages", Operation::kMessages},
    {"POST", "/v1/v1/messages", Operation::kMessages},
    {"POST", "/v1/messages/", Operation::kMessages},
    {"POST", "/v1/messages/count_tokens", Operation::kCountTokens},
    {"GET", "/v1/models", Operation::kModels},
    {"GET", "/v1/models/claude%2Fx", Operation::kModel},
    {"HEAD", "/", Operation::kHello},
    {"HEAD", "/v1", Operation::kHello},
    {"GET", "/healthz", Operation::kHealth},
    {"GET", "/readyz", Operation::kReady},
    {"GET", "/metrics", Operation::kMetrics},
    {"POST", "/v1/responses", Operation::kMessages},
    {"POST", "/v1/chat/completions", Operation::kMessages},
    {"GET", "/v1/responses", Operation::kWrongMethod},
    {"GET", "/v1/messages", Operation::kWrongMethod},
    {"PUT", "/healthz", Operation::kWrongMethod},
    {"POST", "/v1/v1/v1/messages", Operation::kUnknownPath},
    {"POST", "/v1/messages/batches", Operation::kUnknownPath},
    {"POST", "/v1messages", Operation::kUnknownPath},
};

TEST_CASE("method and path tell the operation") {
  for (const PathCase& row : kPaths) {
    CAPTURE(row.method, row.path);
    std::string model_id;
    const dialects::Dialect* dialect = nullptr;
    CHECK(detect_operation(row.method, row.path, model_id, dialect) == row.operation);
  }
}

TEST_CASE("a model's id in the path is percent-decoded") {
  std::string model_id;
  const dialects::Dialect* dialect = nullptr;
  static_cast<void>(detect_operation("GET", "/v1/models/a%2fb%zz%4", model_id, dialect));
  CHECK(model_id == "a/b%zz%4");
}

TEST_CASE("an encoded request body is refused with what to do") {
  ClientRequest request;
  REQUIRE(request.headers.add("content-encoding", "gzip").ok());
  const auto failure = read_head("POST", "/v1/messages", request);
  REQUIRE(failure);
  CHECK(failure->status == 400);
  CHECK(failure->message.find("uncompressed") != std::string::npos);
}

}  // namespace
}  // namespace tollgate::exchange
