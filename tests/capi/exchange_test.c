/* exchange.h: making one, its options, and whole runs. */
#include "capi/check.h"
#include "capi/suites.h"

static void test_create(void) {
  tg_gateway* gateway = make_gateway(NULL);
  tg_exchange* exchange = NULL;
  tg_error* error = NULL;
  PHASE("an exchange's arguments");
  tg_exchange_free(NULL);
  CHECK_STATUS(TG_E_INVALID, tg_exchange_create(NULL, NULL, now, &exchange, &error));
  check_error(error, TG_E_INVALID, "NULL");
  CHECK_STATUS(TG_E_INVALID, tg_exchange_create(gateway, NULL, now, NULL, NULL));

  PHASE("a request id is visible ASCII of at most 128");
  tg_exchange_options options = TG_EXCHANGE_OPTIONS_INIT;
  char id[130];
  memset(id, 'a', sizeof id);
  id[128] = '\0';
  options.request_id = bytes(id);
  CHECK_OK(tg_exchange_create(gateway, &options, now, &exchange, NULL));
  tg_exchange_free(exchange);
  id[128] = 'a';
  options.request_id = (tg_bytes){(const uint8_t*)id, 129};
  CHECK_STATUS(TG_E_INVALID, tg_exchange_create(gateway, &options, now, &exchange, &error));
  CHECK(contains(tg_error_path(error), "request_id"));
  CHECK(exchange == NULL);
  tg_error_free(error);
  options.request_id = bytes("a b");
  CHECK_STATUS(TG_E_INVALID, tg_exchange_create(gateway, &options, now, &exchange, NULL));
  options.request_id = bad_bytes;
  CHECK_STATUS(TG_E_INVALID, tg_exchange_create(gateway, &options, now, &exchange, NULL));

  PHASE("an exchange's options: sizes and reserved flags");
  options = (tg_exchange_options)TG_EXCHANGE_OPTIONS_INIT;
  options.reserved_flags = 1;
  CHECK_STATUS(TG_E_INVALID, tg_exchange_create(gateway, &options, now, &exchange, NULL));
  options.struct_size = offsetof(tg_exchange_options, timeout_ns);
  CHECK_OK(tg_exchange_create(gateway, &options, now, &exchange, NULL));
  tg_exchange_free(exchange);
  options.struct_size = 0;
  CHECK_STATUS(TG_E_ABI, tg_exchange_create(gateway, &options, now, &exchange, NULL));
  NEWER(tg_exchange_options) newer = {TG_EXCHANGE_OPTIONS_INIT, 0};
  newer.known.struct_size = sizeof newer;
  CHECK_OK(tg_exchange_create(gateway, &newer.known, now, &exchange, NULL));
  tg_exchange_free(exchange);
  newer.tail = 1;
  CHECK_STATUS(TG_E_ABI, tg_exchange_create(gateway, &newer.known, now, &exchange, NULL));
  tg_gateway_free(gateway);
}

static void test_options_are_kept(void) {
  PHASE("what the options say is in the answer and the record");
  tg_gateway* gateway = make_gateway(NULL);
  tg_exchange_options options = TG_EXCHANGE_OPTIONS_INIT;
  char id[] = "req-of-the-host";
  char address[] = "192.0.2.7";
  options.request_id = bytes(id);
  options.client_address = bytes(address);
  options.timeout_ns = 5000000000;
  tg_exchange* exchange = NULL;
  CHECK_OK(tg_exchange_create(gateway, &options, now, &exchange, NULL));
  memset(id, 'x', sizeof id - 1); /* Both are copied. */
  memset(address, 'x', sizeof address - 1);
  feed_request(exchange);
  expect(exchange, TG_ACTION_UPSTREAM_OPEN);
  const tg_action wait = expect(exchange, TG_ACTION_WAIT);
  CHECK(wait.deadline_ns == now.mono_ns + 5000000000);
  CHECK_OK(tg_exchange_tick(exchange, (tg_time){wait.deadline_ns, now.wall_ms + 5000}, NULL));
  expect(exchange, TG_ACTION_UPSTREAM_CANCEL);
  int records = 0;
  tg_action action = TG_ACTION_INIT;
  do {
    CHECK_OK(tg_exchange_next_action(exchange, &action, NULL));
    if (action.kind == TG_ACTION_CLIENT_HEAD) CHECK(action.http_status == 504);
    if (action.kind == TG_ACTION_CLIENT_BODY) CHECK(contains(action.body, "req-of-the-host"));
    if (action.kind == TG_ACTION_RECORD) {
      ++records;
      CHECK(contains(action.body, "req-of-the-host"));
      CHECK(contains(action.body, "192.0.2.7"));
    }
    CHECK(action.kind != TG_ACTION_WAIT);
  } while (action.kind != TG_ACTION_DONE);
  CHECK(records == 1);
  tg_exchange_free(exchange);
  tg_gateway_free(gateway);
}

static void check_open(const tg_action* open) {
  CHECK(open->upstream == 1);
  CHECK(contains(open->method, "POST"));
  CHECK(contains(open->url, "http://127.0.0.1:9/v1/messages"));
  CHECK(open->header_count > 0);
  int keys = 0;
  for (uint32_t i = 0; i < open->header_count; ++i) {
    CHECK(!contains(open->headers[2 * i + 1], "token-1"));
    keys += contains(open->headers[2 * i + 1], "upstream-key");
  }
  CHECK(keys == 1);
  size_t size = 0;
  for (uint32_t i = 0; i < open->body_span_count; ++i)
    size += open->body_spans[i].size;
  CHECK(size == open->body_size);
  CHECK(size == strlen(TEST_REQUEST));
}

static void test_whole_run(void) {
  PHASE("a whole run");
  tg_gateway* gateway = make_gateway(NULL);
  tg_exchange* exchange = make_exchange(gateway);
  feed_request(exchange);
  const tg_action open = expect(exchange, TG_ACTION_UPSTREAM_OPEN);
  check_open(&open);
  expect(exchange, TG_ACTION_WAIT);
  CHECK_OK(tg_exchange_upstream_sent(exchange, open.upstream, now, NULL));
  const tg_bytes headers[] = {bytes("Content-Type"), bytes("application/json")};
  CHECK_OK(tg_exchange_upstream_head(exchange, open.upstream, 200, headers, 1, now, NULL));
  CHECK_OK(tg_exchange_upstream_body(exchange, open.upstream, bytes(TEST_ANSWER), now, NULL));
  CHECK_OK(tg_exchange_upstream_end(exchange, open.upstream, now, NULL));

  PHASE("a batch ends with DONE and holds one body and one record");
  tg_action actions[16];
  for (size_t i = 0; i < 16; ++i)
    actions[i] = (tg_action)TG_ACTION_INIT;
  uint32_t count = 0;
  CHECK_OK(tg_exchange_next_actions(exchange, actions, 16, &count, NULL));
  int seen[9] = {0};
  for (uint32_t i = 0; i < count; ++i) {
    ++seen[actions[i].kind];
    if (actions[i].kind == TG_ACTION_CLIENT_BODY)
      CHECK(actions[i].body.size == strlen(TEST_ANSWER) &&
            memcmp(actions[i].body.data, TEST_ANSWER, strlen(TEST_ANSWER)) == 0);
    if (actions[i].kind == TG_ACTION_RECORD) CHECK(contains(actions[i].body, "\"user:ada\""));
  }
  CHECK(seen[TG_ACTION_CLIENT_HEAD] == 1 && seen[TG_ACTION_CLIENT_BODY] == 1);
  CHECK(seen[TG_ACTION_CLIENT_END] == 1 && seen[TG_ACTION_RECORD] == 1);
  CHECK(actions[count - 1].kind == TG_ACTION_DONE);

  PHASE("after DONE it keeps answering DONE");
  expect(exchange, TG_ACTION_DONE);
  CHECK_OK(tg_exchange_next_actions(exchange, actions, 16, &count, NULL));
  CHECK(count == 1 && actions[0].kind == TG_ACTION_DONE);
  tg_exchange_free(exchange);
  CHECK(tg_gateway_open_exchanges(gateway) == 0);
  tg_gateway_free(gateway);
}

static void test_actions(void) {
  tg_gateway* gateway = make_gateway(NULL);
  tg_exchange* exchange = make_exchange(gateway);
  tg_action action = TG_ACTION_INIT;
  tg_error* error = NULL;
  uint32_t count = 7;
  PHASE("asking for actions: arguments");
  CHECK_STATUS(TG_E_INVALID, tg_exchange_next_action(NULL, &action, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_next_action(exchange, NULL, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_next_actions(exchange, &action, 0, &count, NULL));
  CHECK(count == 0);
  CHECK_STATUS(TG_E_INVALID, tg_exchange_next_actions(exchange, &action, 1, NULL, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_next_actions(exchange, NULL, 1, &count, NULL));

  PHASE("an action smaller than ABI 1's");
  action.struct_size = offsetof(tg_action, deadline_ns);
  CHECK_STATUS(TG_E_ABI, tg_exchange_next_action(exchange, &action, &error));
  check_error(error, TG_E_ABI, "TG_ACTION_INIT");

  PHASE("an action larger than the library's: its tail is left alone");
  NEWER(tg_action) newer = {TG_ACTION_INIT, 42};
  newer.known.struct_size = sizeof newer;
  CHECK_OK(tg_exchange_next_action(exchange, &newer.known, NULL));
  CHECK(newer.known.kind == TG_ACTION_WAIT);
  CHECK(newer.known.struct_size == sizeof newer);
  CHECK(newer.tail == 42);
  tg_exchange_free(exchange);
  tg_gateway_free(gateway);
}

static void test_body_buffer(void) {
  tg_gateway* gateway = make_gateway(NULL);
  tg_exchange* exchange = make_exchange(gateway);
  uint8_t* room = NULL;
  size_t capacity = 0;
  tg_error* error = NULL;
  PHASE("room for a body: only between head and end");
  CHECK_STATUS(TG_E_INVALID, tg_exchange_body_buffer(NULL, 0, &room, &capacity, NULL));
  CHECK_STATUS(TG_E_STATE, tg_exchange_body_buffer(exchange, 0, &room, &capacity, &error));
  check_error(error, TG_E_STATE, "body");
  feed_head(exchange);
  CHECK_STATUS(TG_E_INVALID, tg_exchange_body_buffer(exchange, 0, NULL, &capacity, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_exchange_body_buffer(exchange, 0, &room, NULL, NULL));
  CHECK_OK(tg_exchange_body_buffer(exchange, 0, &room, &capacity, NULL));
  CHECK(room != NULL && capacity >= 1);
  const size_t size = strlen(TEST_REQUEST);
  CHECK(capacity >= size);
  memcpy(room, TEST_REQUEST, size);
  CHECK_OK(tg_exchange_client_body(exchange, (tg_bytes){room, size}, now, NULL));
  CHECK_OK(tg_exchange_client_end(exchange, now, NULL));
  CHECK_STATUS(TG_E_STATE, tg_exchange_body_buffer(exchange, 0, &room, &capacity, NULL));
  CHECK(room == NULL && capacity == 0);
  const tg_action open = expect(exchange, TG_ACTION_UPSTREAM_OPEN);
  CHECK(open.body_size == size);
  tg_exchange_free(exchange);

  PHASE("room for a body: refused already");
  exchange = make_exchange(gateway);
  CHECK_OK(
      tg_exchange_client_head(exchange, bytes("POST"), bytes("/v1/messages"), NULL, 0, now, NULL));
  CHECK_STATUS(TG_E_STATE, tg_exchange_body_buffer(exchange, 0, &room, &capacity, NULL));
  CHECK_OK(tg_exchange_client_body(exchange, bytes("read past"), now, NULL));
  CHECK(run_to_done(exchange) == 401);
  tg_exchange_free(exchange);

  PHASE("room for a body: 32 MiB, and one byte more is 413");
  exchange = make_exchange(gateway);
  feed_head(exchange);
  for (size_t total = 0; total < (size_t)32 * 1024 * 1024;) {
    CHECK_OK(tg_exchange_body_buffer(exchange, SIZE_MAX, &room, &capacity, NULL));
    memset(room, ' ', capacity);
    CHECK_OK(tg_exchange_client_body(exchange, (tg_bytes){room, capacity}, now, NULL));
    total += capacity;
    CHECK(total <= (size_t)32 * 1024 * 1024);
  }
  CHECK_STATUS(TG_E_LIMIT, tg_exchange_body_buffer(exchange, 1, &room, &capacity, &error));
  check_error(error, TG_E_LIMIT, "body");
  CHECK_OK(tg_exchange_client_body(exchange, bytes(" "), now, NULL));
  tg_action head = expect(exchange, TG_ACTION_RECORD);
  head = expect(exchange, TG_ACTION_CLIENT_HEAD);
  CHECK(head.http_status == 413);
  CHECK((head.flags & TG_FLAG_CLOSE) != 0);
  tg_exchange_free(exchange);
  tg_gateway_free(gateway);
}

static void test_refusals(void) {
  PHASE("a refusal is TG_OK and comes out as actions");
  tg_gateway* gateway = make_gateway(NULL);
  tg_exchange* exchange = make_exchange(gateway);
  feed_head(exchange);
  CHECK_OK(tg_exchange_client_body(exchange, bytes("{oops"), now, NULL));
  CHECK_OK(tg_exchange_client_end(exchange, now, NULL));
  CHECK(run_to_done(exchange) == 400);
  tg_exchange_free(exchange);

  PHASE("bodies in flight share a bound");
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  options.body_bytes_in_flight_max = 1000;
  tg_gateway* small = make_gateway(&options);
  exchange = make_exchange(small);
  feed_head(exchange);
  CHECK_OK(tg_exchange_client_body(exchange, bytes(TEST_REQUEST), now, NULL));
  CHECK(run_to_done(exchange) == 503);
  tg_exchange_free(exchange);
  tg_gateway_free(small);
  tg_gateway_free(gateway);
}

void exchange_suite(void) {
  test_create();
  test_options_are_kept();
  test_whole_run();
  test_actions();
  test_body_buffer();
  test_refusals();
}
