/* background.h. */
#include "capi/check.h"
#include "capi/suites.h"

static int wakes;
static void wake(uint64_t token, void* user) {
  CHECK(token == 77);
  CHECK(user == &wakes);
  ++wakes;
}

static tg_action next(tg_background* background) {
  tg_action action = TG_ACTION_INIT;
  CHECK_OK(tg_background_next_action(background, &action, NULL));
  return action;
}

static void test_arguments(const tg_gateway* gateway) {
  PHASE("the background's arguments");
  tg_background* background = NULL;
  tg_action action = TG_ACTION_INIT;
  tg_error* error = NULL;
  tg_background_close(NULL);
  CHECK_STATUS(TG_E_INVALID, tg_background_open(NULL, now, &background, &error));
  check_error(error, TG_E_INVALID, "NULL");
  CHECK_STATUS(TG_E_INVALID, tg_background_open(gateway, now, NULL, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_background_tick(NULL, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_background_next_action(NULL, &action, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_background_upstream_head(NULL, 1, 200, NULL, 0, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_background_upstream_body(NULL, 1, bytes(""), now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_background_upstream_end(NULL, 1, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_background_upstream_failed(NULL, 1, 0, bytes(""), now, NULL));
}

static void test_abandoned_record(void) {
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  options.wake = wake;
  options.wake_user = &wakes;
  options.background_wake_token = 77;
  tg_gateway* gateway = make_gateway(&options);
  test_arguments(gateway);

  PHASE("one background at a time");
  tg_background* background = NULL;
  tg_background* second = NULL;
  tg_error* error = NULL;
  CHECK_OK(tg_background_open(gateway, now, &background, NULL));
  CHECK_STATUS(TG_E_STATE, tg_background_open(gateway, now, &second, &error));
  check_error(error, TG_E_STATE, "open");
  CHECK(second == NULL);
  const tg_action wait = next(background);
  CHECK(wait.kind == TG_ACTION_WAIT && wait.deadline_ns == TG_NO_DEADLINE);

  PHASE("the record of an exchange freed early comes out here, and the host is woken");
  tg_exchange* exchange = make_exchange(gateway);
  feed_request(exchange);
  tg_exchange_free(exchange);
  CHECK(wakes == 1);
  CHECK_OK(tg_background_tick(background, now, NULL));
  const tg_action record = next(background);
  CHECK(record.kind == TG_ACTION_RECORD);
  CHECK(contains(record.body, "\"cancelled\"") && contains(record.body, "\"user:ada\""));
  CHECK(next(background).kind == TG_ACTION_WAIT);

  PHASE("an action smaller than ABI 1's; a NULL action; a larger one");
  tg_action action = TG_ACTION_INIT;
  action.struct_size = 8;
  CHECK_STATUS(TG_E_ABI, tg_background_next_action(background, &action, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_background_next_action(background, NULL, NULL));
  NEWER(tg_action) newer = {TG_ACTION_INIT, 42};
  newer.known.struct_size = sizeof newer;
  CHECK_OK(tg_background_next_action(background, &newer.known, NULL));
  CHECK(newer.known.kind == TG_ACTION_WAIT && newer.tail == 42);

  PHASE("the journal: nothing before it is started, then one batch at a time");
  CHECK_STATUS(TG_E_INVALID, tg_background_journal_start(NULL, now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_background_journal_done(NULL, bytes("{}"), now, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_background_journal_failed(NULL, now, NULL));
  CHECK_STATUS(TG_E_STATE, tg_background_journal_done(background, bytes("{}"), now, NULL));
  CHECK_STATUS(TG_E_STATE, tg_background_journal_failed(background, now, NULL));
  CHECK_OK(tg_background_journal_start(background, now, NULL));
  CHECK_STATUS(TG_E_STATE, tg_background_journal_start(background, now, NULL));
  const tg_action journal = next(background);
  CHECK(journal.kind == TG_ACTION_JOURNAL && contains(journal.body, "\"batch\":1,"));
  CHECK(next(background).kind == TG_ACTION_WAIT);
  CHECK_STATUS(TG_E_INVALID, tg_background_journal_done(background, bytes("no"), now, NULL));
  const tg_action pause = next(background);
  CHECK(pause.kind == TG_ACTION_WAIT && pause.deadline_ns > now.mono_ns);
  tg_time later = now;
  later.mono_ns = pause.deadline_ns;
  CHECK_OK(tg_background_tick(background, later, NULL));
  CHECK(contains(next(background).body, "\"batch\":1,"));
  CHECK_OK(tg_background_journal_failed(background, later, NULL));
  later.mono_ns += 10000000000ULL;
  CHECK_OK(tg_background_tick(background, later, NULL));
  CHECK(next(background).kind == TG_ACTION_JOURNAL);
  CHECK_OK(tg_background_journal_done(
      background, bytes("{\"batch\":1,\"refused\":[],\"counters\":[]}"), later, NULL));
  CHECK(next(background).kind == TG_ACTION_WAIT);

  PHASE("events of calls the background does not have are ignored");
  CHECK_OK(tg_background_upstream_head(background, 1, 200, NULL, 0, now, NULL));
  CHECK_OK(tg_background_upstream_body(background, 1, bytes("x"), now, NULL));
  CHECK_OK(tg_background_upstream_end(background, 1, now, NULL));
  CHECK_OK(tg_background_upstream_failed(background, 1, 0, bytes("x"), now, NULL));

  PHASE("records that were not pulled wait for the next open");
  exchange = make_exchange(gateway);
  feed_request(exchange);
  tg_exchange_free(exchange);
  tg_background_close(background);
  CHECK_OK(tg_background_open(gateway, now, &background, NULL));
  tg_gateway_free(gateway); /* The handle holds its own reference. */
  CHECK(next(background).kind == TG_ACTION_RECORD);
  CHECK(next(background).kind == TG_ACTION_WAIT);
  tg_background_close(background);
}

void background_suite(void) {
  test_abandoned_record();
}
