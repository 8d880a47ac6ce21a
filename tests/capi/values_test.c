/* abi.h, error.h, text.h, token.h, config.h. */
#include "capi/check.h"
#include "capi/suites.h"

static void test_versions(void) {
  PHASE("versions");
  CHECK(tg_abi_version() == TG_ABI_VERSION);
  char expected[32];
  snprintf(expected, sizeof expected, "%d.%d.%d", TG_VERSION_MAJOR, TG_VERSION_MINOR,
           TG_VERSION_PATCH);
  CHECK(strcmp(tg_version_string(), expected) == 0);
}

static void test_struct_sizes(void) {
  PHASE("struct sizes");
  CHECK(tg_struct_size("tg_bytes") == sizeof(tg_bytes));
  CHECK(tg_struct_size("tg_time") == sizeof(tg_time));
  CHECK(tg_struct_size("tg_action") == sizeof(tg_action));
  CHECK(tg_struct_size("tg_gateway_options") == sizeof(tg_gateway_options));
  CHECK(tg_struct_size("tg_exchange_options") == sizeof(tg_exchange_options));
  CHECK(tg_struct_size("tg_ledger_balance") == sizeof(tg_ledger_balance));
  CHECK(tg_struct_size("tg_nothing") == 0);
  CHECK(tg_struct_size(NULL) == 0);
}

static void test_error(void) {
  PHASE("an error keeps what it was given");
  tg_error* error = tg_error_create(TG_E_LIMIT, bytes("too many"), bytes("a[2].b"));
  CHECK(tg_error_status(error) == TG_E_LIMIT);
  CHECK(tg_error_message(error).size == 8 && contains(tg_error_message(error), "too many"));
  CHECK(tg_error_path(error).size == 6 && contains(tg_error_path(error), "a[2].b"));
  tg_error_free(error);

  PHASE("an error without a path");
  error = tg_error_create(TG_E_STATE, bytes("m"), (tg_bytes){NULL, 0});
  CHECK(tg_error_path(error).size == 0);
  tg_error_free(error);

  PHASE("NULL is no error");
  CHECK(tg_error_status(NULL) == TG_OK);
  CHECK(tg_error_message(NULL).size == 0);
  CHECK(tg_error_path(NULL).size == 0);
  tg_error_free(NULL);
}

static void test_text(void) {
  PHASE("NULL is no text");
  CHECK(tg_text_bytes(NULL).size == 0);
  tg_text_free(NULL);
}

static void test_token_hash(void) {
  char hex[TG_TOKEN_HASH_SIZE];
  memset(hex, 'x', sizeof hex);
  PHASE("a token's hash");
  CHECK_OK(tg_token_hash(bytes("abc"), hex));
  CHECK(strcmp(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") == 0);
  PHASE("a token's hash: refusals");
  CHECK_STATUS(TG_E_INVALID, tg_token_hash(bytes(""), hex));
  CHECK_STATUS(TG_E_INVALID, tg_token_hash((tg_bytes){NULL, 0}, hex));
  CHECK_STATUS(TG_E_INVALID, tg_token_hash(bad_bytes, hex));
  CHECK_STATUS(TG_E_INVALID, tg_token_hash(bytes("abc"), NULL));
}

static void test_config_check(void) {
  tg_text* text = NULL;
  tg_error* error = NULL;
  PHASE("a good configuration");
  CHECK_OK(tg_config_check(bytes(TEST_CONFIG), NULL, now, &text, &error));
  CHECK(error == NULL);
  CHECK(contains(tg_text_bytes(text), "\"errors\":0"));
  tg_text_free(text);

  PHASE("errors in a configuration are an answer, not a failure");
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  options.config_name = bytes("team.yaml");
  CHECK_OK(
      tg_config_check(bytes("type: user\nname: x\ncolour: red\n"), &options, now, &text, NULL));
  CHECK(contains(tg_text_bytes(text), "\"errors\":1"));
  CHECK(contains(tg_text_bytes(text), "team.yaml"));
  CHECK(contains(tg_text_bytes(text), "\"line\":3"));
  tg_text_free(text);

  PHASE("a check's arguments");
  CHECK_STATUS(TG_E_INVALID, tg_config_check(bytes(TEST_CONFIG), NULL, now, NULL, &error));
  check_error(error, TG_E_INVALID, "NULL");
  text = (tg_text*)&error;
  CHECK_STATUS(TG_E_INVALID, tg_config_check(bad_bytes, NULL, now, &text, NULL));
  CHECK(text == NULL);
  options.struct_size = 0;
  CHECK_STATUS(TG_E_ABI, tg_config_check(bytes(TEST_CONFIG), &options, now, &text, NULL));

  PHASE("a text above 16 MiB");
  const size_t size = (size_t)16 * 1024 * 1024 + 1;
  uint8_t* large = malloc(size);
  CHECK(large != NULL);
  memset(large, '#', size);
  CHECK_STATUS(TG_E_LIMIT, tg_config_check((tg_bytes){large, size}, NULL, now, &text, &error));
  check_error(error, TG_E_LIMIT, "16 MiB");
  tg_gateway* gateway = NULL;
  CHECK_STATUS(TG_E_LIMIT, tg_gateway_create((tg_bytes){large, size}, NULL, now, &gateway, &error));
  check_error(error, TG_E_LIMIT, "16 MiB");
  CHECK(gateway == NULL);
  free(large);
}

void values_suite(void) {
  test_versions();
  test_struct_sizes();
  test_error();
  test_text();
  test_token_hash();
  test_config_check();
}
