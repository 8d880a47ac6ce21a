#include "drivers/curl/failure.hpp"

#include "support/catch.hpp"

using namespace tollgate::curl_driver;

TEST_CASE("failure: libcurl's codes in the words of the C ABI") {
  struct Row {
    CURLcode code;
    tg_failure failure;
  };
  const Row rows[] = {
      {CURLE_COULDNT_RESOLVE_HOST, TG_FAILURE_RESOLVE}, {CURLE_COULDNT_CONNECT, TG_FAILURE_CONNECT},
      {CURLE_OPERATION_TIMEDOUT, TG_FAILURE_CONNECT},   {CURLE_PROXY, TG_FAILURE_PROXY},
      {CURLE_PEER_FAILED_VERIFICATION, TG_FAILURE_TLS}, {CURLE_SSL_CONNECT_ERROR, TG_FAILURE_TLS},
      {CURLE_PARTIAL_FILE, TG_FAILURE_RESET},           {CURLE_GOT_NOTHING, TG_FAILURE_RESET},
      {CURLE_HTTP2_STREAM, TG_FAILURE_RESET},           {CURLE_OUT_OF_MEMORY, TG_FAILURE_HOST},
      {CURLE_WEIRD_SERVER_REPLY, TG_FAILURE_PROTOCOL},  {CURLE_FTP_ACCEPT_FAILED, TG_FAILURE_OTHER},
  };
  for (const Row& row : rows) {
    const Outcome outcome = outcome_of(row.code);
    CAPTURE(row.code);
    CHECK(outcome.failed);
    CHECK(outcome.failure == row.failure);
    CHECK_FALSE(outcome.detail.empty());
  }
  CHECK_FALSE(outcome_of(CURLE_OK).failed);
}
