/* gateway.h. */
#define _POSIX_C_SOURCE 200809L
#include "capi/check.h"
#include "capi/suites.h"

static int32_t look_up(int32_t kind, tg_bytes name, tg_bytes* value, void* user) {
  ++*(int*)user;
  if (kind == TG_REFERENCE_ENV && contains(name, "KEY")) {
    *value = bytes("from-the-host");
    return 1;
  }
  if (kind == TG_REFERENCE_FILE && contains(name, "/keys/one")) {
    *value = bytes("from-a-file");
    return 1;
  }
  return 0;
}

static void test_create_and_free(void) {
  PHASE("create with defaults");
  tg_gateway* gateway = NULL;
  tg_error* error = (tg_error*)&gateway;
  CHECK_OK(tg_gateway_create(bytes(TEST_CONFIG), NULL, now, &gateway, &error));
  CHECK(error == NULL);
  CHECK(tg_gateway_open_exchanges(gateway) == 0);
  tg_gateway_free(gateway);

  PHASE("free accepts NULL");
  tg_gateway_free(NULL);
  tg_gateway_set_draining(NULL, 1);
  CHECK(tg_gateway_open_exchanges(NULL) == 0);
}

static void test_bad_configuration(void) {
  PHASE("every error of a configuration is in the message");
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  options.config_name = bytes("team.yaml");
  tg_gateway* gateway = (tg_gateway*)&options;
  tg_error* error = NULL;
  CHECK_STATUS(TG_E_INVALID,
               tg_gateway_create(bytes("type: user\nname: x\ncolour: red\nshape: round\n"),
                                 &options, now, &gateway, &error));
  CHECK(gateway == NULL);
  CHECK(contains(tg_error_message(error), "team.yaml:3:"));
  CHECK(contains(tg_error_message(error), "team.yaml:4:"));
  CHECK(contains(tg_error_path(error), "colour"));
  tg_error_free(error);

  PHASE("the error object is optional");
  CHECK_STATUS(TG_E_INVALID, tg_gateway_create(bytes("type: nonsense"), NULL, now, &gateway, NULL));
}

static void test_arguments(void) {
  PHASE("NULL arguments");
  tg_gateway* gateway = NULL;
  tg_text* text = NULL;
  tg_error* error = NULL;
  CHECK_STATUS(TG_E_INVALID, tg_gateway_create(bytes(TEST_CONFIG), NULL, now, NULL, &error));
  check_error(error, TG_E_INVALID, "NULL");
  CHECK_STATUS(TG_E_INVALID, tg_gateway_create(bad_bytes, NULL, now, &gateway, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_gateway_reload(NULL, bytes(TEST_CONFIG), now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_gateway_describe(NULL, &text, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_gateway_metrics(NULL, &text, NULL));
  gateway = make_gateway(NULL);
  CHECK_STATUS(TG_E_INVALID, tg_gateway_reload(gateway, bad_bytes, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_gateway_describe(gateway, NULL, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_gateway_metrics(gateway, NULL, NULL));
  tg_gateway_free(gateway);
}

static void test_corrections(void) {
  PHASE("corrections name a budget, and are made once");
  const tg_bytes id = bytes("run-1");
  const tg_bytes none = {NULL, 0};
  tg_gateway* gateway = make_gateway(NULL);
  tg_text* report = NULL;
  tg_error* error = NULL;
  CHECK_STATUS(TG_E_INVALID, tg_gateway_correct(NULL, id, bytes("b"), none, 1, 0, none, now, NULL));
  CHECK_STATUS(TG_E_INVALID,
               tg_gateway_correct(gateway, bad_bytes, bytes("b"), none, 1, 0, none, now, NULL));
  CHECK_STATUS(TG_E_INVALID,
               tg_gateway_correct(gateway, id, bytes("b"), none, 1, 0, none, now, &error));
  check_error(error, TG_E_INVALID, "no budget");
  CHECK_STATUS(TG_E_INVALID, tg_gateway_reprice(gateway, id, none, 0, 1, now, NULL, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_gateway_reprice(NULL, id, none, 0, 1, now, &report, NULL));
  CHECK_STATUS(TG_E_INVALID,
               tg_gateway_reprice(gateway, id, bytes("no record"), 0, 1, now, &report, NULL));
  CHECK(report == NULL);
  CHECK_OK(tg_gateway_reprice(gateway, id, none, 0, 1, now, &report, NULL));
  CHECK(contains(tg_text_bytes(report), "\"requests\":0"));
  tg_text_free(report);
  CHECK_STATUS(TG_E_STATE, tg_gateway_reprice(gateway, id, none, 0, 1, now, &report, NULL));
  tg_gateway_free(gateway);
}

static void test_struct_sizes(void) {
  tg_gateway* gateway = NULL;
  tg_error* error = NULL;
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;

  PHASE("options whose size was never set");
  options.struct_size = 0;
  CHECK_STATUS(TG_E_ABI, tg_gateway_create(bytes(TEST_CONFIG), &options, now, &gateway, &error));
  check_error(error, TG_E_ABI, "_INIT");

  PHASE("options of an older caller: what it does not know keeps its default");
  options.struct_size = offsetof(tg_gateway_options, exchanges_max);
  options.exchanges_max = 1;
  options.reserved_flags = 77;
  CHECK_OK(tg_gateway_create(bytes(TEST_CONFIG), &options, now, &gateway, NULL));
  tg_exchange* first = make_exchange(gateway);
  tg_exchange_free(make_exchange(gateway));
  tg_exchange_free(first);
  tg_gateway_free(gateway);

  PHASE("options of a newer caller");
  NEWER(tg_gateway_options) newer = {TG_GATEWAY_OPTIONS_INIT, 0};
  newer.known.struct_size = sizeof newer;
  CHECK_OK(tg_gateway_create(bytes(TEST_CONFIG), &newer.known, now, &gateway, NULL));
  tg_gateway_free(gateway);
  newer.tail = 1;
  CHECK_STATUS(TG_E_ABI,
               tg_gateway_create(bytes(TEST_CONFIG), &newer.known, now, &gateway, &error));
  check_error(error, TG_E_ABI, "newer");

  PHASE("reserved flags");
  options = (tg_gateway_options)TG_GATEWAY_OPTIONS_INIT;
  options.reserved_flags = 1;
  CHECK_STATUS(TG_E_INVALID,
               tg_gateway_create(bytes(TEST_CONFIG), &options, now, &gateway, &error));
  CHECK(contains(tg_error_path(error), "reserved_flags"));
  tg_error_free(error);
}

static void test_lookup(void) {
  static const char config[] =
      "type: provider-account/anthropic\n"
      "name: main\n"
      "auth_data: {type: api-key, api_key: \"${SOME_KEY}\"}\n"
      "integrations:\n"
      "  - {name: m, model_id: m, type: integration/model/anthropic, model_types: [chat]}\n"
      "---\n"
      "type: provider-account/anthropic\n"
      "name: other\n"
      "auth_data: {type: api-key, api_key: \"file:/keys/one\"}\n"
      "integrations:\n"
      "  - {name: n, model_id: n, type: integration/model/anthropic, model_types: [chat]}\n";
  PHASE("references are looked up by the host");
  int calls = 0;
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  options.lookup = look_up;
  options.lookup_user = &calls;
  tg_gateway* gateway = NULL;
  CHECK_OK(tg_gateway_create(bytes(config), &options, now, &gateway, NULL));
  CHECK(calls == 2);
  CHECK_OK(tg_gateway_reload(gateway, bytes(config), now, NULL));
  CHECK(calls == 4);
  tg_gateway_free(gateway);

  PHASE("without a lookup a file is refused");
  tg_error* error = NULL;
  CHECK(setenv("SOME_KEY", "from-the-environment", 1) == 0);
  CHECK_STATUS(TG_E_INVALID, tg_gateway_create(bytes(config), NULL, now, &gateway, &error));
  CHECK(contains(tg_error_path(error), "api_key"));
  CHECK(!contains(tg_error_message(error), "SOME_KEY"));
  tg_error_free(error);
}

static void test_reload(void) {
  PHASE("a reload is all or nothing");
  tg_gateway* gateway = make_gateway(NULL);
  tg_error* error = NULL;
  tg_text* text = NULL;
  CHECK_STATUS(TG_E_INVALID, tg_gateway_reload(gateway, bytes("type: nonsense"), now, &error));
  check_error(error, TG_E_INVALID, "nonsense");
  CHECK_OK(tg_gateway_describe(gateway, &text, NULL));
  CHECK(contains(tg_text_bytes(text), "main/claude"));
  CHECK(!contains(tg_text_bytes(text), "upstream-key"));
  tg_text_free(text);

  PHASE("after a reload a token that is gone opens nothing; who runs goes on");
  tg_exchange* running = make_exchange(gateway);
  CHECK_OK(tg_gateway_reload(gateway, bytes("type: team\nname: t\nmembers: []\n"), now, NULL));
  feed_request(running);
  expect(running, TG_ACTION_UPSTREAM_OPEN);
  tg_exchange_free(running);
  tg_exchange* later = make_exchange(gateway);
  feed_request(later);
  CHECK(run_to_done(later) == 401);
  tg_exchange_free(later);
  tg_gateway_free(gateway);
}

static void test_limits_and_draining(void) {
  PHASE("exchanges_max");
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  options.exchanges_max = 1;
  tg_gateway* gateway = make_gateway(&options);
  tg_exchange* first = make_exchange(gateway);
  CHECK(tg_gateway_open_exchanges(gateway) == 1);
  tg_exchange* second = first;
  tg_error* error = NULL;
  CHECK_STATUS(TG_E_LIMIT, tg_exchange_create(gateway, NULL, now, &second, &error));
  check_error(error, TG_E_LIMIT, "open");
  CHECK(second == NULL);
  tg_exchange_free(first);
  CHECK(tg_gateway_open_exchanges(gateway) == 0);

  PHASE("draining");
  tg_gateway_set_draining(gateway, 1);
  first = make_exchange(gateway);
  feed_head(first);
  CHECK(run_to_done(first) == 503);
  tg_exchange_free(first);
  tg_gateway_set_draining(gateway, 0);
  first = make_exchange(gateway);
  feed_request(first);
  expect(first, TG_ACTION_UPSTREAM_OPEN);

  PHASE("metrics, and a gateway that is freed before its exchange");
  tg_text* text = NULL;
  CHECK_OK(tg_gateway_metrics(gateway, &text, NULL));
  CHECK(contains(tg_text_bytes(text), "tollgate_"));
  tg_text_free(text);
  tg_gateway_free(gateway);
  CHECK_OK(tg_exchange_client_gone(first, now, NULL));
  CHECK(run_to_done(first) == 0);
  tg_exchange_free(first);
}

static void test_capabilities(void) {
  PHASE("a host that cannot call upstream is never asked to");
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  options.host_capabilities = TG_CAPABILITY(TG_ACTION_CLIENT_HEAD) |
                              TG_CAPABILITY(TG_ACTION_CLIENT_BODY) |
                              TG_CAPABILITY(TG_ACTION_CLIENT_END);
  tg_gateway* gateway = make_gateway(&options);
  tg_exchange* exchange = make_exchange(gateway);
  feed_request(exchange);
  expect(exchange, TG_ACTION_CLIENT_HEAD);
  expect(exchange, TG_ACTION_CLIENT_BODY);
  expect(exchange, TG_ACTION_CLIENT_END);
  expect(exchange, TG_ACTION_DONE);
  tg_exchange_free(exchange);
  tg_gateway_free(gateway);
}

void gateway_suite(void) {
  test_create_and_free();
  test_bad_configuration();
  test_arguments();
  test_corrections();
  test_struct_sizes();
  test_lookup();
  test_reload();
  test_limits_and_draining();
  test_capabilities();
}
