#include "exchange/local_answers.hpp"

#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

TEST_CASE("only an object with an error in it passes as the dialect's error") {
  DocumentPool documents;
  CHECK(is_error_object(documents, R"({"type":"error","error":{"type":"api_error"}})", true));
  for (const char* text : {"", "<html>", "[]", R"({"error":{"code":429,"status":"X"}})",
                           R"({"error":"text"})", R"({"error":{})", "{}"}) {
    CAPTURE(text);
    CHECK_FALSE(is_error_object(documents, text, true));
    CHECK_FALSE(is_error_object(documents, text, false));
  }
  // Azure's front door; other dialects' errors need no type.
  constexpr const char* kUntyped = R"({"error":{"code":"401","message":"no"}})";
  CHECK_FALSE(is_error_object(documents, kUntyped, true));
  CHECK(is_error_object(documents, kUntyped, false));
}

TEST_CASE("an error in the place of an answer tells its status") {
  struct Row {
    const char* body;
    uint32_t status;  ///< 0: it is no such error.
  };
  const Row rows[] = {
      {R"({"error":{"code":503,"message":"m"}})", 503},
      {R"([{"error":{"code":429}}])", 429},
      {R"({"error":{"code":"429"}})", 500},
      {R"({"error":{"code":7}})", 500},
      {R"({"error":"m"})", 0},
      {R"({"candidates":[]})", 0},
      {"[]", 0},
      {"oops", 0},
  };
  DocumentPool documents;
  for (const Row& row : rows) {
    CAPTURE(row.body);
    CHECK(status_of_error(documents, row.body).value_or(0) == row.status);
  }
}

}  // namespace
}  // namespace tollgate::exchange
