#include "exchange/local_answers.hpp"

#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

TEST_CASE("only an object with an error in it passes as the dialect's error") {
  DocumentPool documents;
  CHECK(is_error_object(documents, R"({"type":"error","error":{"type":"api_error"}})"));
  for (const char* text : {"", "<html>", "[]", R"({"error":{"code":429,"status":"X"}})",
                           R"({"error":"text"})", R"({"error":{})", "{}"}) {
    CAPTURE(text);
    CHECK_FALSE(is_error_object(documents, text));
  }
}

}  // namespace
}  // namespace tollgate::exchange
