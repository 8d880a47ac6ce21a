#include "providers/form_call.hpp"

#include "support/catch.hpp"

namespace tollgate::providers {
namespace {

TEST_CASE("a form is posted, and its answer wanted as JSON") {
  Result<AuxiliaryCall> call = form_call("https://login.example/token");
  REQUIRE(call.ok());
  CHECK(call.value().request.method == "POST");
  CHECK(call.value().request.url == "https://login.example/token");
  CHECK(call.value().request.headers.get("content-type") == "application/x-www-form-urlencoded");
  CHECK(call.value().request.headers.get("accept") == "application/json");
  CHECK(call.value().request.headers.get("accept-encoding") == "identity");
  std::string& form = call.value().body;
  append_field(form, "a", "1&2=3");
  append_field(form, "empty", "");
  append_field(form, "c", "x y");
  CHECK(form == "a=1%262%3D3&empty=&c=x%20y");
}

}  // namespace
}  // namespace tollgate::providers
