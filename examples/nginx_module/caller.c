// Events of an upstream call go to the exchange or to the background work that asked for it.

#include "module.h"

void tollgate_caller_init(tollgate_caller* caller, void (*advance)(tollgate_caller*)) {
  ngx_queue_init(&caller->transfers);
  caller->advance = advance;
}

void tollgate_caller_head(tollgate_caller* caller, uint32_t attempt, uint32_t status,
                          const tg_bytes* pairs, uint32_t pair_count) {
  const tg_time now = tollgate_now();
  if (caller->exchange != NULL) {
    tg_exchange_upstream_head(caller->exchange, attempt, status, pairs, pair_count, now, NULL);
  } else {
    tg_background_upstream_head(caller->background, attempt, status, pairs, pair_count, now, NULL);
  }
}

void tollgate_caller_body(tollgate_caller* caller, uint32_t attempt, tg_bytes body) {
  if (caller->exchange != NULL) {
    tg_exchange_upstream_body(caller->exchange, attempt, body, tollgate_now(), NULL);
  } else {
    tg_background_upstream_body(caller->background, attempt, body, tollgate_now(), NULL);
  }
}

void tollgate_caller_end(tollgate_caller* caller, uint32_t attempt) {
  if (caller->exchange != NULL) {
    tg_exchange_upstream_end(caller->exchange, attempt, tollgate_now(), NULL);
  } else {
    tg_background_upstream_end(caller->background, attempt, tollgate_now(), NULL);
  }
}

void tollgate_caller_failed(tollgate_caller* caller, uint32_t attempt, int32_t failure,
                            const char* detail) {
  const tg_bytes text = tollgate_bytes((const u_char*)detail, ngx_strlen(detail));
  const tg_time now = tollgate_now();
  if (caller->exchange != NULL) {
    tg_exchange_upstream_failed(caller->exchange, attempt, failure, text, now, NULL);
  } else {
    tg_background_upstream_failed(caller->background, attempt, failure, text, now, NULL);
  }
}
