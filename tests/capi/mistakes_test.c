/* Slips of a host's: empty texts, lengths that cannot be, bytes beside the room that was lent. They
 * must come out as statuses, whatever they are, and never end the process. */
#include <stdint.h>

#include "capi/check.h"
#include "capi/suites.h"

static tg_bytes sized(const char* text, size_t size) {
  return (tg_bytes){(const uint8_t*)text, size};
}

static void test_empty_texts(void) {
  PHASE("an empty text is a configuration with a fault, with a pointer and without one");
  tg_gateway* gateway = NULL;
  tg_text* text = NULL;
  tg_error* error = NULL;
  const tg_bytes empties[] = {{NULL, 0}, bytes("")};
  for (size_t i = 0; i < 2; ++i) {
    CHECK_STATUS(TG_E_INVALID, tg_gateway_create(empties[i], NULL, now, &gateway, &error));
    check_error(error, TG_E_INVALID, "no document");
    CHECK_OK(tg_config_check(empties[i], NULL, now, &text, NULL));
    CHECK(contains(tg_text_bytes(text), "\"errors\":1"));
    tg_text_free(text);
    gateway = make_gateway(NULL);
    CHECK_STATUS(TG_E_INVALID, tg_gateway_reload(gateway, empties[i], now, NULL));
    tg_gateway_free(gateway);
    CHECK_STATUS(TG_E_INVALID,
                 tg_policy_test(empties[i], bytes(TEST_CONFIG), NULL, now, &text, NULL));
  }
}

static int32_t look_up_nothing(int32_t kind, tg_bytes name, tg_bytes* value, void* user) {
  (void)kind;
  (void)name;
  (void)user;
  *value = bad_bytes;
  return 1;
}

static void test_lookup(void) {
  PHASE("a lookup that gives NULL with a size has found nothing");
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  tg_gateway* gateway = NULL;
  options.lookup = look_up_nothing;
  CHECK_STATUS(TG_E_INVALID, tg_gateway_create(bytes("type: user\nname: a\ntokens: [{env: X}]\n"),
                                               &options, now, &gateway, NULL));
}

static void test_long_options(void) {
  PHASE("names that the host gives are bounded");
  static char name[4097];
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  tg_exchange_options request = TG_EXCHANGE_OPTIONS_INIT;
  tg_gateway* gateway = NULL;
  tg_exchange* exchange = NULL;
  tg_error* error = NULL;
  memset(name, 'n', sizeof name);
  options.config_name = sized(name, 4096);
  CHECK_OK(tg_gateway_create(bytes(TEST_CONFIG), &options, now, &gateway, NULL));
  request.client_address = sized(name, 4096);
  CHECK_OK(tg_exchange_create(gateway, &request, now, &exchange, NULL));
  tg_exchange_free(exchange);
  const size_t sizes[] = {4097, SIZE_MAX};
  for (size_t i = 0; i < 2; ++i) {
    request.client_address = sized(name, sizes[i]);
    CHECK_STATUS(TG_E_INVALID, tg_exchange_create(gateway, &request, now, &exchange, &error));
    check_error(error, TG_E_INVALID, "client_address");
  }
  tg_gateway_free(gateway);
  for (size_t i = 0; i < 2; ++i) {
    options.config_name = sized(name, sizes[i]);
    CHECK_STATUS(TG_E_INVALID,
                 tg_gateway_create(bytes(TEST_CONFIG), &options, now, &gateway, NULL));
  }
}

static uint32_t status_of_head(const tg_gateway* gateway, tg_bytes target, const tg_bytes* headers,
                               uint32_t pairs) {
  tg_exchange* exchange = make_exchange(gateway);
  CHECK_OK(tg_exchange_client_head(exchange, bytes("POST"), target, headers, pairs, now, NULL));
  const uint32_t status = run_to_done(exchange);
  tg_exchange_free(exchange);
  return status;
}

static void test_long_heads(void) {
  PHASE("lengths of a head that nobody can have sent are refused unread");
  tg_gateway* gateway = make_gateway(NULL);
  const tg_bytes path = bytes("/v1/messages");
  const size_t half = SIZE_MAX / 2 + 1;
  const tg_bytes value[] = {bytes("a"), sized("v", SIZE_MAX)};
  const tg_bytes name[] = {sized("n", SIZE_MAX), bytes("v")};
  const tg_bytes halves[] = {bytes("a"), sized("v", half), bytes("a"), sized("v", half)};
  CHECK(status_of_head(gateway, path, value, 1) == 431);
  CHECK(status_of_head(gateway, path, name, 1) == 431);
  CHECK(status_of_head(gateway, path, halves, 2) == 431);
  CHECK(status_of_head(gateway, sized("/v1/messages", SIZE_MAX), NULL, 0) == 414);
  static char target[64 * 1024 + 1];
  memset(target, 'a', sizeof target);
  target[0] = '/';
  CHECK(status_of_head(gateway, sized(target, sizeof target), NULL, 0) == 414);
  CHECK(status_of_head(gateway, sized(target, sizeof target - 1), NULL, 0) == 404);
  tg_gateway_free(gateway);
}

static void test_room(void) {
  PHASE("bytes within the lent room, wherever they begin, and bytes beyond it");
  tg_gateway* gateway = make_gateway(NULL);
  tg_exchange* exchange = make_exchange(gateway);
  const size_t size = strlen(TEST_REQUEST);
  uint8_t* room = NULL;
  size_t capacity = 0;
  feed_head(exchange);
  CHECK_OK(tg_exchange_body_buffer(exchange, size + 3, &room, &capacity, NULL));
  CHECK(capacity >= size + 3);
  CHECK_STATUS(TG_E_INVALID,
               tg_exchange_client_body(exchange, (tg_bytes){room, capacity + 1}, now, NULL));
  CHECK_STATUS(TG_E_INVALID,
               tg_exchange_client_body(exchange, (tg_bytes){room + 3, capacity - 2}, now, NULL));
  memcpy(room + 3, TEST_REQUEST, size);
  CHECK_OK(tg_exchange_client_body(exchange, (tg_bytes){room + 3, size}, now, NULL));
  CHECK_OK(tg_exchange_client_end(exchange, now, NULL));
  const tg_action open = expect(exchange, TG_ACTION_UPSTREAM_OPEN);
  CHECK(open.body_size == size && contains(open.body_spans[0], "\"claude\""));
  tg_exchange_free(exchange);

  PHASE("a length that no body has is refused unread, also behind a first piece");
  for (int pieces = 0; pieces < 2; ++pieces) {
    exchange = make_exchange(gateway);
    feed_head(exchange);
    if (pieces > 0) CHECK_OK(tg_exchange_client_body(exchange, bytes("{\"a\""), now, NULL));
    CHECK_OK(tg_exchange_client_body(exchange, sized("x", SIZE_MAX), now, NULL));
    CHECK(run_to_done(exchange) == 413);
    tg_exchange_free(exchange);
  }
  tg_gateway_free(gateway);
}

static void test_long_decisions(void) {
  PHASE("a body that a gateway would refuse is refused by a policy too, unread");
  tg_gateway* gateway = make_gateway(NULL);
  tg_policy* policy = NULL;
  tg_text* text = NULL;
  const tg_bytes headers[] = {bytes("x-api-key"), bytes("token-1"), bytes(":path"),
                              bytes("/v1/messages")};
  CHECK_OK(tg_policy_create(gateway, &policy, NULL));
  for (uint32_t pairs = 1; pairs <= 2; ++pairs) {
    CHECK_OK(tg_policy_explain(policy, headers, pairs, sized("{", SIZE_MAX), now, &text, NULL));
    CHECK(contains(tg_text_bytes(text), "\"allowed\":false"));
    CHECK(contains(tg_text_bytes(text), "\"status\":413"));
    tg_text_free(text);
  }
  tg_policy_free(policy);
  tg_gateway_free(gateway);

  PHASE("a configuration of policy tests has the bound of any");
  CHECK_STATUS(TG_E_LIMIT,
               tg_policy_test(bytes("cases: []"), sized("x", SIZE_MAX), NULL, now, &text, NULL));
}

#define BUDGETS                                                                             \
  TEST_CONFIG                                                                               \
  "---\n"                                                                                   \
  "name: daily\ntype: tenant-budget-config\nlimits: {cost_per_day: 1}\napplies_to: {type: " \
  "per-user}\n"

static void test_corrections(void) {
  PHASE("a correction is of somebody the configuration has, of what was spent, with a short note");
  static char note[4097];
  tg_gateway* gateway = NULL;
  memset(note, 'n', sizeof note);
  CHECK_OK(tg_gateway_create(bytes(BUDGETS), NULL, now, &gateway, NULL));
  const struct {
    tg_bytes budget, subject, note;
    int64_t wall_ms;
    tg_status status;
  } rows[] = {
      {bytes("daily"), bytes("ada"), sized(note, 4096), 0, TG_OK},
      {bytes("daily"), bytes("ada"), bytes(""), 1795337999000, TG_OK},
      {bytes("daily"), bytes("ada"), bytes(""), 1, TG_OK},
      {bytes("daily"), bytes("ada"), bytes(""), 1795338000001, TG_E_INVALID},
      {bytes("daily"), bytes("ada"), bytes(""), INT64_MAX, TG_E_INVALID},
      {bytes("daily"), bytes("ada"), bytes(""), -1, TG_E_INVALID},
      {bytes("daily"), bytes("ada"), sized(note, 4097), 0, TG_E_INVALID},
      {bytes("daily"), bytes("ada"), sized(note, SIZE_MAX), 0, TG_E_INVALID},
      {bytes("daily"), bytes("adb"), bytes(""), 0, TG_E_INVALID},
      {bytes("daily"), bytes("user:ada"), bytes(""), 0, TG_E_INVALID},
      {bytes("daily"), sized("ada", SIZE_MAX), bytes(""), 0, TG_E_INVALID},
      {sized("daily", SIZE_MAX), bytes("ada"), bytes(""), 0, TG_E_INVALID},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    const char id[] = {(char)('a' + i), '\0'};
    CHECK_STATUS(rows[i].status,
                 tg_gateway_correct(gateway, bytes(id), rows[i].budget, rows[i].subject, 1,
                                    rows[i].wall_ms, rows[i].note, now, NULL));
  }
  tg_gateway_free(gateway);
}

static void test_clocks(void) {
  PHASE("a clock that is no clock");
  const struct {
    int64_t wall_ms;
    const char* time;
  } rows[] = {{INT64_MAX, "\"9999-12-31T23:59:59.999Z\""},
              {INT64_MIN, "\"0001-01-01T00:00:00.000Z\""}};
  for (size_t i = 0; i < 2; ++i) {
    const tg_time odd = {UINT64_MAX - 1, rows[i].wall_ms};
    tg_gateway* gateway = NULL;
    tg_exchange* exchange = NULL;
    tg_action action = TG_ACTION_INIT;
    const tg_bytes headers[] = {bytes("x-api-key"), bytes("token-1")};
    CHECK_OK(tg_gateway_create(bytes(BUDGETS), NULL, odd, &gateway, NULL));
    CHECK_OK(tg_exchange_create(gateway, NULL, odd, &exchange, NULL));
    CHECK_OK(tg_exchange_client_head(exchange, bytes("POST"), bytes("/v1/messages"), headers, 1,
                                     odd, NULL));
    CHECK_OK(tg_exchange_client_body(exchange, bytes(TEST_REQUEST), odd, NULL));
    CHECK_OK(tg_exchange_client_end(exchange, odd, NULL));
    CHECK_OK(tg_exchange_client_gone(exchange, odd, NULL));
    while (action.kind != TG_ACTION_RECORD)
      CHECK_OK(tg_exchange_next_action(exchange, &action, NULL));
    CHECK(contains(action.body, rows[i].time));
    tg_exchange_free(exchange);
    tg_gateway_free(gateway);
  }
}

void mistakes_suite(void) {
  test_empty_texts();
  test_lookup();
  test_long_options();
  test_long_heads();
  test_room();
  test_long_decisions();
  test_corrections();
  test_clocks();
}
