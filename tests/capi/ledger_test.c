/* ledger.h. */
#include "capi/check.h"
#include "capi/suites.h"

static tg_ledger_balance balance_of(const tg_ledger* ledger, const char* scope) {
  tg_ledger_balance balance = TG_LEDGER_BALANCE_INIT;
  CHECK_OK(tg_ledger_balance_get(ledger, bytes(scope), now, &balance, NULL));
  return balance;
}

static tg_status reserve(const tg_ledger* ledger, const char* scope, int64_t amount,
                         uint64_t* reservation, tg_error** error) {
  const tg_bytes name = bytes(scope);
  return tg_ledger_reserve(ledger, &name, 1, amount, TG_NO_DEADLINE, now, reservation, error);
}

static void test_money(tg_ledger* ledger) {
  uint64_t first = 0;
  uint64_t second = 0;
  tg_error* error = NULL;
  PHASE("reserve, settle, void");
  CHECK_OK(tg_ledger_limit_set(ledger, bytes("team"), 100, NULL));
  CHECK_OK(reserve(ledger, "team", 60, &first, &error));
  CHECK(first != 0 && error == NULL);
  CHECK(balance_of(ledger, "team").reserved_nano_usd == 60);
  CHECK_STATUS(TG_E_LIMIT, reserve(ledger, "team", 41, &second, &error));
  CHECK(second == 0);
  CHECK(contains(tg_error_path(error), "team"));
  check_error(error, TG_E_LIMIT, "100");
  CHECK_OK(reserve(ledger, "team", 40, &second, NULL));
  CHECK_OK(tg_ledger_void(ledger, second, now, NULL));
  CHECK_OK(tg_ledger_settle(ledger, first, 70, now, NULL));
  const tg_ledger_balance balance = balance_of(ledger, "team");
  CHECK(balance.limit_nano_usd == 100 && balance.settled_nano_usd == 60);
  CHECK(balance.reserved_nano_usd == 0 && balance.overrun_nano_usd == 10);

  PHASE("a reservation is resolved once");
  CHECK_STATUS(TG_E_STATE, tg_ledger_settle(ledger, first, 1, now, &error));
  CHECK(error != NULL);
  tg_error_free(error);
  CHECK_STATUS(TG_E_STATE, tg_ledger_void(ledger, first, now, NULL));
  CHECK_STATUS(TG_E_STATE, tg_ledger_void(ledger, second, now, NULL));
  CHECK_STATUS(TG_E_STATE, tg_ledger_settle(ledger, 0, 1, now, NULL));

  PHASE("all scopes or none");
  const tg_bytes both[] = {bytes("free"), bytes("team")};
  CHECK_STATUS(TG_E_LIMIT,
               tg_ledger_reserve(ledger, both, 2, 31, TG_NO_DEADLINE, now, &first, NULL));
  CHECK(balance_of(ledger, "free").reserved_nano_usd == 0);
  CHECK(balance_of(ledger, "free").limit_nano_usd == TG_LEDGER_UNLIMITED);

  PHASE("an expired reservation counts in full");
  const tg_bytes scope = bytes("short");
  CHECK_OK(tg_ledger_reserve(ledger, &scope, 1, 5, now.mono_ns + 10, now, &first, NULL));
  const tg_time later = {now.mono_ns + 10, now.wall_ms};
  tg_ledger_balance expired = TG_LEDGER_BALANCE_INIT;
  CHECK_OK(tg_ledger_balance_get(ledger, scope, later, &expired, NULL));
  CHECK(expired.settled_nano_usd == 5 && expired.reserved_nano_usd == 0);
  CHECK_STATUS(TG_E_STATE, tg_ledger_settle(ledger, first, 1, later, NULL));

  PHASE("a sum that would overflow");
  CHECK_OK(reserve(ledger, "huge", INT64_MAX, &first, NULL));
  CHECK_STATUS(TG_E_LIMIT, reserve(ledger, "huge", 1, &second, NULL));
}

static void test_arguments(tg_ledger* ledger) {
  PHASE("a ledger's arguments");
  uint64_t id = 0;
  tg_error* error = NULL;
  tg_ledger_balance balance = TG_LEDGER_BALANCE_INIT;
  char name[257];
  memset(name, 'n', sizeof name);
  const tg_bytes longest = {(const uint8_t*)name, 256};
  const tg_bytes too_long = {(const uint8_t*)name, 257};
  tg_ledger_free(NULL);
  CHECK_STATUS(TG_E_INVALID, tg_ledger_create(NULL, &error));
  check_error(error, TG_E_INVALID, "NULL");
  CHECK_STATUS(TG_E_INVALID, tg_ledger_limit_set(NULL, bytes("s"), 1, NULL));
  CHECK_OK(tg_ledger_limit_set(ledger, longest, 1, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_ledger_limit_set(ledger, too_long, 1, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_ledger_limit_set(ledger, bytes(""), 1, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_ledger_limit_set(ledger, bad_bytes, 1, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_ledger_limit_set(ledger, bytes("s"), -1, NULL));
  CHECK_STATUS(TG_E_INVALID, reserve(NULL, "s", 1, &id, NULL));
  CHECK_STATUS(TG_E_INVALID, reserve(ledger, "s", 1, NULL, NULL));
  CHECK_STATUS(TG_E_INVALID, reserve(ledger, "s", -1, &id, NULL));
  CHECK_STATUS(TG_E_INVALID, reserve(ledger, "", 1, &id, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_ledger_reserve(ledger, NULL, 1, 1, 0, now, &id, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_ledger_reserve(ledger, &bad_bytes, 1, 1, 0, now, &id, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_ledger_reserve(ledger, &longest, 0, 1, 0, now, &id, NULL));
  tg_bytes many[257];
  for (size_t i = 0; i < 257; ++i)
    many[i] = longest;
  CHECK_STATUS(TG_E_INVALID, tg_ledger_reserve(ledger, many, 257, 1, 0, now, &id, NULL));
  CHECK_OK(tg_ledger_reserve(ledger, many, 64, 1, TG_NO_DEADLINE, now, &id, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_ledger_settle(ledger, id, -1, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_ledger_settle(NULL, id, 1, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_ledger_void(NULL, id, now, NULL));
  CHECK_OK(tg_ledger_void(ledger, id, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_ledger_balance_get(NULL, bytes("s"), now, &balance, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_ledger_balance_get(ledger, bad_bytes, now, &balance, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_ledger_balance_get(ledger, bytes("s"), now, NULL, NULL));

  PHASE("a balance's size");
  balance.struct_size = 0;
  CHECK_STATUS(TG_E_ABI, tg_ledger_balance_get(ledger, bytes("s"), now, &balance, NULL));
  balance.struct_size = offsetof(tg_ledger_balance, overrun_nano_usd);
  balance.overrun_nano_usd = 42;
  CHECK_OK(tg_ledger_balance_get(ledger, bytes("s"), now, &balance, NULL));
  CHECK(balance.overrun_nano_usd == 42);
  NEWER(tg_ledger_balance) newer = {TG_LEDGER_BALANCE_INIT, 1};
  newer.known.struct_size = sizeof newer;
  CHECK_STATUS(TG_E_ABI, tg_ledger_balance_get(ledger, bytes("s"), now, &newer.known, NULL));
}

static void test_bounds(tg_ledger* ledger) {
  PHASE("a million scopes");
  char name[32];
  tg_status status = TG_OK;
  int scopes = 0;
  for (; scopes <= 1000000 && status == TG_OK; ++scopes) {
    snprintf(name, sizeof name, "scope-%d", scopes);
    status = tg_ledger_limit_set(ledger, bytes(name), 1, NULL);
  }
  CHECK(status == TG_E_LIMIT);
  CHECK(scopes > 999900);

  PHASE("1,048,576 open reservations");
  uint64_t id = 0;
  uint64_t last = 0;
  int count = 0;
  for (status = TG_OK; count <= 1048576 && status == TG_OK; ++count) {
    last = id;
    status = reserve(ledger, "scope-0", 0, &id, NULL);
  }
  CHECK(status == TG_E_LIMIT);
  CHECK(count > 1048000);
  CHECK_OK(tg_ledger_void(ledger, last, now, NULL));
  CHECK_OK(reserve(ledger, "scope-0", 0, &id, NULL));
}

void ledger_suite(void) {
  tg_ledger* ledger = NULL;
  CHECK_OK(tg_ledger_create(&ledger, NULL));
  test_money(ledger);
  test_arguments(ledger);
  test_bounds(ledger);
  tg_ledger_free(ledger);
}
