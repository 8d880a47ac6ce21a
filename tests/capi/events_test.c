/* exchange.h: each event's arguments and the states it is refused in. */
#include "capi/check.h"
#include "capi/suites.h"

static const tg_bytes stream_type[] = {{(const uint8_t*)"content-type", 12},
                                       {(const uint8_t*)"text/event-stream", 17}};

static void test_null_exchange(void) {
  PHASE("every event refuses a NULL exchange");
  tg_error* error = NULL;
  CHECK_STATUS(TG_E_INVALID,
               tg_exchange_client_head(NULL, bytes("GET"), bytes("/"), NULL, 0, now, &error));
  check_error(error, TG_E_INVALID, "exchange is NULL");
  CHECK_STATUS(TG_E_INVALID, tg_exchange_client_body(NULL, bytes(""), now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_client_end(NULL, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_client_gone(NULL, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_client_blocked(NULL, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_client_unblocked(NULL, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_upstream_sent(NULL, 1, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_upstream_head(NULL, 1, 200, NULL, 0, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_upstream_body(NULL, 1, bytes(""), now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_upstream_end(NULL, 1, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_upstream_failed(NULL, 1, 0, bytes(""), now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_tick(NULL, now, NULL));
}

static void test_bad_pointers(void) {
  PHASE("NULL pointers with a size");
  tg_gateway* gateway = make_gateway(NULL);
  tg_exchange* exchange = make_exchange(gateway);
  const tg_bytes pair[] = {bytes("name"), bad_bytes};
  CHECK_STATUS(TG_E_INVALID,
               tg_exchange_client_head(exchange, bad_bytes, bytes("/"), NULL, 0, now, NULL));
  CHECK_STATUS(TG_E_INVALID,
               tg_exchange_client_head(exchange, bytes("GET"), bad_bytes, NULL, 0, now, NULL));
  CHECK_STATUS(TG_E_INVALID,
               tg_exchange_client_head(exchange, bytes("GET"), bytes("/"), NULL, 1, now, NULL));
  CHECK_STATUS(TG_E_INVALID,
               tg_exchange_client_head(exchange, bytes("GET"), bytes("/"), pair, 1, now, NULL));
  feed_head(exchange); /* Nothing of that counted. */
  CHECK_STATUS(TG_E_INVALID, tg_exchange_client_body(exchange, bad_bytes, now, NULL));
  CHECK_OK(tg_exchange_client_body(exchange, bytes(TEST_REQUEST), now, NULL));
  CHECK_OK(tg_exchange_client_body(exchange, (tg_bytes){NULL, 0}, now, NULL));
  CHECK_OK(tg_exchange_client_end(exchange, now, NULL));
  expect(exchange, TG_ACTION_UPSTREAM_OPEN);
  CHECK_STATUS(TG_E_INVALID, tg_exchange_upstream_head(exchange, 1, 200, NULL, 1, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_upstream_head(exchange, 1, 200, pair, 1, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_upstream_head(exchange, 1, 100, NULL, 0, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_upstream_head(exchange, 1, 600, NULL, 0, now, NULL));
  CHECK_OK(tg_exchange_upstream_head(exchange, 1, 200, NULL, 0, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_upstream_body(exchange, 1, bad_bytes, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_upstream_failed(exchange, 1, 0, bad_bytes, now, NULL));
  tg_exchange_free(exchange);

  PHASE("more than 200 headers of a client are refused with 431");
  enum { kPairs = 201 };
  tg_bytes many[2 * kPairs];
  for (size_t i = 0; i < kPairs; ++i) {
    many[2 * i] = bytes("x-a");
    many[2 * i + 1] = bytes("b");
  }
  exchange = make_exchange(gateway);
  CHECK_OK(tg_exchange_client_head(exchange, bytes("GET"), bytes("/"), many, kPairs, now, NULL));
  CHECK(run_to_done(exchange) == 431);
  tg_exchange_free(exchange);
  many[2 * kPairs - 1] = bad_bytes;
  exchange = make_exchange(gateway);
  CHECK_STATUS(TG_E_INVALID, tg_exchange_client_head(exchange, bytes("GET"), bytes("/"), many,
                                                     kPairs, now, NULL));
  tg_exchange_free(exchange);
  many[2 * kPairs - 1] = bytes("b");

  PHASE("of an upstream's headers the first 200 count");
  exchange = make_exchange(gateway);
  feed_request(exchange);
  expect(exchange, TG_ACTION_UPSTREAM_OPEN);
  CHECK_OK(tg_exchange_upstream_head(exchange, 1, 200, many, kPairs, now, NULL));
  tg_exchange_free(exchange);
  tg_gateway_free(gateway);
}

static void test_client_order(void) {
  PHASE("client events out of order");
  tg_gateway* gateway = make_gateway(NULL);
  tg_exchange* exchange = make_exchange(gateway);
  tg_error* error = NULL;
  CHECK_STATUS(TG_E_STATE, tg_exchange_client_body(exchange, bytes("x"), now, &error));
  check_error(error, TG_E_STATE, "head");
  CHECK_STATUS(TG_E_STATE, tg_exchange_client_end(exchange, now, NULL));
  CHECK_STATUS(TG_E_STATE, tg_exchange_client_blocked(exchange, now, NULL));
  CHECK_STATUS(TG_E_STATE, tg_exchange_client_unblocked(exchange, now, NULL));
  feed_request(exchange);
  CHECK_STATUS(TG_E_STATE, tg_exchange_client_head(exchange, bytes("POST"), bytes("/v1/messages"),
                                                   NULL, 0, now, &error));
  check_error(error, TG_E_STATE, "before");
  CHECK_STATUS(TG_E_STATE, tg_exchange_client_body(exchange, bytes("x"), now, NULL));
  CHECK_STATUS(TG_E_STATE, tg_exchange_client_end(exchange, now, NULL));
  CHECK_STATUS(TG_E_STATE, tg_exchange_client_blocked(exchange, now, NULL));
  expect(exchange, TG_ACTION_UPSTREAM_OPEN); /* The refused events changed nothing. */

  PHASE("the client goes, more than once");
  CHECK_OK(tg_exchange_client_gone(exchange, now, NULL));
  CHECK_OK(tg_exchange_client_gone(exchange, now, NULL));
  expect(exchange, TG_ACTION_UPSTREAM_CANCEL);
  const tg_action record = expect(exchange, TG_ACTION_RECORD);
  CHECK(contains(record.body, "\"cancelled\""));
  expect(exchange, TG_ACTION_DONE);
  CHECK_OK(tg_exchange_client_gone(exchange, now, NULL));
  expect(exchange, TG_ACTION_DONE);
  tg_exchange_free(exchange);
  tg_gateway_free(gateway);
}

static void test_upstream_order(void) {
  PHASE("upstream events out of order");
  tg_gateway* gateway = make_gateway(NULL);
  tg_exchange* exchange = make_exchange(gateway);
  tg_error* error = NULL;
  feed_head(exchange);
  CHECK_OK(tg_exchange_client_body(
      exchange, bytes("{\"model\":\"claude\",\"max_tokens\":8,\"messages\":[],\"stream\":true}"),
      now, NULL));
  CHECK_OK(tg_exchange_client_end(exchange, now, NULL));
  expect(exchange, TG_ACTION_UPSTREAM_OPEN);
  CHECK_STATUS(TG_E_STATE, tg_exchange_upstream_body(exchange, 1, bytes("x"), now, &error));
  check_error(error, TG_E_STATE, "head");
  CHECK_STATUS(TG_E_STATE, tg_exchange_upstream_end(exchange, 1, now, NULL));
  CHECK_OK(tg_exchange_upstream_head(exchange, 1, 200, stream_type, 1, now, NULL));
  CHECK_STATUS(TG_E_STATE,
               tg_exchange_upstream_head(exchange, 1, 200, stream_type, 1, now, &error));
  check_error(error, TG_E_STATE, "before");

  PHASE("a blocked client");
  CHECK_OK(tg_exchange_upstream_body(
      exchange, 1,
      bytes("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\","
            "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[],"
            "\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\n"
            "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
            "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"),
      now, NULL));
  CHECK(expect(exchange, TG_ACTION_CLIENT_HEAD).body_size == TG_SIZE_UNKNOWN);
  expect(exchange, TG_ACTION_CLIENT_BODY);
  CHECK_OK(tg_exchange_client_blocked(exchange, now, NULL));
  CHECK_OK(tg_exchange_client_blocked(exchange, now, NULL));
  CHECK(expect(exchange, TG_ACTION_WAIT).deadline_ns == now.mono_ns + 60000000000);
  CHECK_OK(tg_exchange_client_unblocked(exchange, now, NULL));
  CHECK(expect(exchange, TG_ACTION_WAIT).deadline_ns == now.mono_ns + 10000000000);

  PHASE("events of attempts that are not open are ignored");
  CHECK_OK(tg_exchange_upstream_sent(exchange, 7, now, NULL));
  CHECK_OK(tg_exchange_upstream_head(exchange, 7, 200, NULL, 0, now, NULL));
  CHECK_OK(tg_exchange_upstream_body(exchange, 7, bytes("x"), now, NULL));
  CHECK_OK(tg_exchange_upstream_end(exchange, 0, now, NULL));
  CHECK_OK(tg_exchange_upstream_failed(exchange, 7, 0, bytes(""), now, NULL));
  expect(exchange, TG_ACTION_WAIT);

  PHASE("a failure of an unknown kind");
  CHECK_OK(tg_exchange_upstream_failed(exchange, 1, 4711, bytes("lightning"), now, NULL));
  CHECK(run_to_done(exchange) == 0);
  CHECK_OK(tg_exchange_upstream_end(exchange, 1, now, NULL));
  CHECK_OK(tg_exchange_tick(exchange, now, NULL));
  tg_exchange_free(exchange);
  tg_gateway_free(gateway);
}

void events_suite(void) {
  test_null_exchange();
  test_bad_pointers();
  test_client_order();
  test_upstream_order();
}
