#include "exchange/failures.hpp"

#include "tollgate/action.h"

#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

TEST_CASE("only failures before anything was sent are surely free") {
  CHECK_FALSE(may_have_been_billed(TG_FAILURE_RESOLVE));
  CHECK_FALSE(may_have_been_billed(TG_FAILURE_CONNECT));
  CHECK_FALSE(may_have_been_billed(TG_FAILURE_TLS));
  CHECK_FALSE(may_have_been_billed(TG_FAILURE_DENIED));
  CHECK(may_have_been_billed(TG_FAILURE_RESET));
  CHECK(may_have_been_billed(TG_FAILURE_PROTOCOL));
  CHECK(may_have_been_billed(TG_FAILURE_OTHER));
  CHECK(may_have_been_billed(12345));
}

TEST_CASE("what cannot be mended by trying again says so") {
  CHECK(transport_failure(TG_FAILURE_TLS, "a/b", false).should_retry == false);
  CHECK(transport_failure(TG_FAILURE_DENIED, "a/b", false).should_retry == false);
  CHECK_FALSE(transport_failure(TG_FAILURE_CONNECT, "a/b", false).should_retry.has_value());
  CHECK(credential_refused("a/b", 401).should_retry == false);
}

TEST_CASE("texts name the target, the fault and what to do") {
  for (const model::Failure& failure :
       {upstream_fault("main/claude", "did x"), credential_refused("main/claude", 403),
        timed_out("main/claude", "did not answer"),
        transport_failure(TG_FAILURE_RESET, "main/claude", true)}) {
    CAPTURE(failure.message);
    CHECK(failure.message.find("main/claude") != std::string::npos);
    CHECK((failure.message.find("again") != std::string::npos ||
           failure.message.find("administrator") != std::string::npos));
    CHECK(failure.status >= 502);
  }
}

TEST_CASE("statuses that another target may do better with") {
  for (const uint32_t status : {401U, 403U, 404U, 408U, 429U, 500U, 502U, 503U, 504U, 529U}) {
    CHECK(can_fall_back(status));
  }
  for (const uint32_t status : {400U, 402U, 405U, 409U, 413U, 422U, 501U}) {
    CHECK_FALSE(can_fall_back(status));
  }
}

}  // namespace
}  // namespace tollgate::exchange
