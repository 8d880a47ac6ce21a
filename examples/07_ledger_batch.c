/* The money alone: a batch job that calls its models in its own way and keeps to a budget. Before
 * each item it reserves what the item may cost at most, afterwards it settles what it did cost.
 * Several of its threads may do so at once: together they never spend more than the limit. */
#include <stdio.h>
#include <string.h>

#include "tollgate/tollgate.h"

/* Worst and true cost of each item, in 10^-9 USD. The last one is billed above its bound. */
static const struct {
  const char* name;
  int64_t at_most;
  int64_t cost;
} items[] = {
    {"summary", 400000000, 310000000},     {"translation", 300000000, 120000000},
    {"long report", 700000000, 0},         {"failed call", 200000000, -1},
    {"classification", 50000000, 2000000}, {"odd invoice", 100000000, 130000000},
};

static tg_bytes bytes(const char* text) {
  return (tg_bytes){(const uint8_t*)text, strlen(text)};
}

static int print_balance(const tg_ledger* ledger, const char* scope, tg_time now) {
  tg_ledger_balance balance = TG_LEDGER_BALANCE_INIT;
  if (tg_ledger_balance_get(ledger, bytes(scope), now, &balance, NULL) != TG_OK) return 0;
  printf("%s: %.3f spent, %.3f reserved, %.3f above bounds\n", scope,
         (double)balance.settled_nano_usd / 1e9, (double)balance.reserved_nano_usd / 1e9,
         (double)balance.overrun_nano_usd / 1e9);
  return 1;
}

int main(void) {
  const tg_bytes scopes[] = {bytes("job:nightly"), bytes("team:platform")};
  tg_time now = {1000000000, 1795338000000}; /* A real job asks its clock each time. */
  tg_ledger* ledger = NULL;
  if (tg_ledger_create(&ledger, NULL) != TG_OK ||
      tg_ledger_limit_set(ledger, scopes[0], 1000000000, NULL) != TG_OK || /* 1 USD */
      tg_ledger_limit_set(ledger, scopes[1], 50000000000, NULL) != TG_OK)
    return 1;
  for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
    uint64_t reservation = 0;
    tg_error* error = NULL;
    now.mono_ns += 1000000000;
    /* Should the job die, the reservation counts as spent after ten minutes. */
    const tg_status status = tg_ledger_reserve(
        ledger, scopes, 2, items[i].at_most, now.mono_ns + 600000000000, now, &reservation, &error);
    if (status == TG_E_LIMIT) {
      const tg_bytes scope = tg_error_path(error);
      const tg_bytes message = tg_error_message(error);
      printf("%s: not started, %.*s: %.*s\n", items[i].name, (int)scope.size,
             (const char*)scope.data, (int)message.size, (const char*)message.data);
      tg_error_free(error);
      continue;
    }
    if (status != TG_OK) return 1;
    /* Here the item is worked on. A call that was never made gives its money back. */
    const int made = items[i].cost >= 0;
    if ((made ? tg_ledger_settle(ledger, reservation, items[i].cost, now, NULL)
              : tg_ledger_void(ledger, reservation, now, NULL)) != TG_OK)
      return 1;
    printf("%s: %s\n", items[i].name, made ? "done" : "not called");
  }
  const int ok =
      print_balance(ledger, "job:nightly", now) && print_balance(ledger, "team:platform", now);
  tg_ledger_free(ledger);
  return ok ? 0 : 1;
}
