// The checks of upstreams that a configuration asks for: now and then an exchange that no client
// has sent. Each worker makes its own, since each knows the health of upstreams for itself.

#include "module.h"

/// Nobody wants checks; another configuration comes with other workers.
enum { NOBODY_MS = 3600 * 1000, FAILED_MS = 1000, NEXT_SECONDS_MAX = 3600, EARLY_MS = 100 };

static tollgate_checks* of_caller(tollgate_caller* caller) {
  return (tollgate_checks*)(void*)caller;  // Its first member.
}

static void arm(tollgate_checks* checks, ngx_msec_t in_ms) {
  if (checks->timer.timer_set) ngx_del_timer(&checks->timer);
  ngx_add_timer(&checks->timer, in_ms);
}

/// When the next one is due, by `"next_seconds":N` of the answer.
static ngx_msec_t next_ms(const tollgate_checks* checks) {
  static const char member[] = "\"next_seconds\":";
  u_char* end = (u_char*)checks->answer + checks->answer_size;
  u_char* at = ngx_strnstr((u_char*)checks->answer, (char*)member, checks->answer_size);
  ngx_msec_t seconds = 0;
  if (at == NULL) return FAILED_MS;
  at += sizeof member - 1;
  if (at < end && *at == 'n') return NOBODY_MS;  // null
  for (; at < end && *at >= '0' && *at <= '9'; ++at)
    seconds = ngx_min(10 * seconds + (ngx_msec_t)(*at - '0'), NEXT_SECONDS_MAX);
  // nginx's clock is that of its last look; a check that comes too early is put off by a second.
  return 1000 * ngx_max(seconds, 1) + EARLY_MS;
}

static void keep(tollgate_checks* checks, tg_bytes body) {
  const size_t room = sizeof checks->answer - checks->answer_size;
  const size_t size = ngx_min(body.size, room);
  if (size > 0) ngx_memcpy(checks->answer + checks->answer_size, body.data, size);
  checks->answer_size += size;
}

static void end_exchange(tollgate_checks* checks) {
  if (checks->caller.exchange == NULL) return;
  tollgate_transfer_cancel(&checks->caller, 0);
  tg_exchange_free(checks->caller.exchange);
  checks->caller.exchange = NULL;
}

static void pump(tollgate_caller* caller) {
  tollgate_checks* checks = of_caller(caller);
  tg_action action = TG_ACTION_INIT;
  while (caller->exchange != NULL) {
    const tg_status status = tg_exchange_next_action(caller->exchange, &action, NULL);
    if (status != TG_OK || action.kind == TG_ACTION_DONE) {
      end_exchange(checks);
      arm(checks, status == TG_OK ? next_ms(checks) : FAILED_MS);
    } else if (action.kind == TG_ACTION_WAIT) {
      arm(checks, tollgate_ms_until(action.deadline_ns));
      return;
    } else if (action.kind == TG_ACTION_UPSTREAM_OPEN) {
      tollgate_transfer_open(caller, &action);
    } else if (action.kind == TG_ACTION_UPSTREAM_CANCEL) {
      tollgate_transfer_cancel(caller, action.upstream);
    } else if (action.kind == TG_ACTION_CLIENT_BODY) {
      keep(checks, action.body);
    }
  }
}

static void begin(tollgate_checks* checks) {
  const tg_time now = tollgate_now();
  tg_exchange_options options = TG_EXCHANGE_OPTIONS_INIT;
  options.wake_token = checks->wake_token;
  checks->answer_size = 0;
  if (tg_exchange_create(checks->gateway, &options, now, &checks->caller.exchange, NULL) != TG_OK) {
    arm(checks, FAILED_MS);
    return;
  }
  const tg_bytes method = {(const uint8_t*)"GET", 3};
  const tg_bytes target = {(const uint8_t*)"/healthz/upstreams", 18};
  tg_exchange_client_head(checks->caller.exchange, method, target, NULL, 0, now, NULL);
  tg_exchange_client_end(checks->caller.exchange, now, NULL);
  pump(&checks->caller);
}

void tollgate_checks_tick(tollgate_checks* checks) {
  if (checks->caller.exchange == NULL) return;
  tg_exchange_tick(checks->caller.exchange, tollgate_now(), NULL);
  pump(&checks->caller);
}

static void on_timer(ngx_event_t* event) {
  tollgate_checks* checks = event->data;
  if (checks->caller.exchange != NULL) {
    tollgate_checks_tick(checks);
  } else if (!ngx_exiting) {  // A worker that only finishes streams takes no new requests.
    begin(checks);
  }
}

void tollgate_checks_start(tollgate_checks* checks, tg_gateway* gateway, uint64_t wake_token) {
  checks->gateway = gateway;
  checks->wake_token = wake_token;
  tollgate_caller_init(&checks->caller, pump);
  checks->timer.handler = on_timer;
  checks->timer.data = checks;
  checks->timer.log = ngx_cycle->log;
  checks->timer.cancelable = 1;
  arm(checks, 1);  // nginx's loop does not run yet.
}

void tollgate_checks_stop(tollgate_checks* checks) {
  end_exchange(checks);
  if (checks->timer.timer_set) ngx_del_timer(&checks->timer);
}
