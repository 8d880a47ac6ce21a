// What each worker process has of its own: gateways, their background work, the waker.

#include <sys/random.h>

#include "module.h"

tollgate_worker tollgate_this_worker;

static tollgate_gateway* gateway_of(tollgate_caller* caller) {
  return (tollgate_gateway*)(void*)caller;  // Its first member.
}

static void pump_background(tollgate_caller* caller) {
  tollgate_gateway* gateway = gateway_of(caller);
  tg_action action = TG_ACTION_INIT;
  while (tg_background_next_action(caller->background, &action, NULL) == TG_OK &&
         action.kind != TG_ACTION_WAIT) {
    if (action.kind == TG_ACTION_RECORD) {
      tollgate_write_record(action.body);
    } else if (action.kind == TG_ACTION_JOURNAL) {
      tollgate_store_write(&gateway->store, caller->background, action.body);
    } else if (action.kind == TG_ACTION_UPSTREAM_OPEN) {
      tollgate_transfer_open(caller, &action);
    } else if (action.kind == TG_ACTION_UPSTREAM_CANCEL) {
      tollgate_transfer_cancel(caller, action.upstream);
    }
  }
  if (gateway->timer.timer_set) ngx_del_timer(&gateway->timer);
  if (action.kind == TG_ACTION_WAIT && action.deadline_ns != TG_NO_DEADLINE)
    ngx_add_timer(&gateway->timer, tollgate_ms_until(action.deadline_ns));
}

static void tick_background(tollgate_gateway* gateway) {
  tollgate_store_take(&gateway->store, gateway->caller.background);
  tg_background_tick(gateway->caller.background, tollgate_now(), NULL);
  pump_background(&gateway->caller);
}

static void on_background_timer(ngx_event_t* event) {
  tick_background(event->data);
}

/// Tokens are those of calls; below them are the gateways' own, from 1.
static void wake(tollgate_worker* worker, uint64_t token) {
  if (token <= worker->gateway_count) {
    if (token > 0) {
      tick_background(&worker->gateways[token - 1]);
      tollgate_checks_tick(&worker->gateways[token - 1].checks);
    }
    return;
  }
  ngx_rbtree_node_t* node = worker->calls.root;
  while (node != &worker->calls_sentinel && node->key != token)
    node = token < node->key ? node->left : node->right;
  if (node != &worker->calls_sentinel)
    tollgate_call_tick((tollgate_call*)(void*)((u_char*)node - offsetof(tollgate_call, by_token)));
}

static void on_waker(ngx_event_t* event) {
  uint64_t tokens[64];
  uint32_t count = 64;
  while (count == 64) {
    count = tg_waker_take(tollgate_this_worker.waker, tokens, 64);
    for (uint32_t i = 0; i < count; ++i)
      wake(&tollgate_this_worker, tokens[i]);
  }
}

static ngx_int_t start_waker(tollgate_worker* worker) {
  if (tg_waker_create(&worker->waker, NULL) != TG_OK) return NGX_ERROR;
  worker->waker_connection = ngx_get_connection(tg_waker_fd(worker->waker), ngx_cycle->log);
  if (worker->waker_connection == NULL) return NGX_ERROR;
  worker->waker_connection->read->handler = on_waker;
  worker->waker_connection->read->log = ngx_cycle->log;
  return ngx_add_event(worker->waker_connection->read, NGX_READ_EVENT, NGX_LEVEL_EVENT);
}

static ngx_int_t start_gateway(tollgate_worker* worker, tollgate_source* source,
                               const tollgate_main_conf* conf) {
  tollgate_gateway* gateway = &worker->gateways[source->index];
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  uint64_t seed[2];
  if (getrandom(seed, sizeof seed, 0) != (ssize_t)sizeof seed) return NGX_ERROR;
  options.config_name = tollgate_bytes(source->path.data, source->path.len);
  options.seed_high = seed[0];
  options.seed_low = seed[1];
  options.lookup = tollgate_source_look_up;
  options.lookup_user = source;
  options.wake = tg_waker_wake;
  options.wake_user = worker->waker;
  options.background_wake_token = source->index + 1;
  tg_error* error = NULL;
  tg_status status = tg_gateway_create(tollgate_bytes(source->text.data, source->text.len),
                                       &options, tollgate_now(), &gateway->gateway, &error);
  tollgate_caller_init(&gateway->caller, pump_background);
  if (status == TG_OK) {
    status =
        tg_background_open(gateway->gateway, tollgate_now(), &gateway->caller.background, &error);
  }
  if (status != TG_OK) {
    const tg_bytes message = tg_error_message(error);
    ngx_log_error(NGX_LOG_EMERG, ngx_cycle->log, 0, "tollgate: %*s", message.size, message.data);
    tg_error_free(error);
    return NGX_ERROR;
  }
  if (conf->state.len != 0 &&
      tollgate_store_start(&gateway->store, conf, gateway->caller.background, source->index + 1) !=
          NGX_OK) {
    return NGX_ERROR;
  }
  tollgate_checks_start(&gateway->checks, gateway->gateway, source->index + 1);
  tollgate_metrics_start(&gateway->metrics, gateway->gateway, source->metrics);
  gateway->timer.handler = on_background_timer;
  gateway->timer.data = gateway;
  gateway->timer.log = ngx_cycle->log;
  // Background work goes on as long as the worker has streams, and does not keep it any longer.
  gateway->timer.cancelable = 1;
  // What the work begins with has to wait for nginx's loop, which does not run yet.
  ngx_add_timer(&gateway->timer, 1);
  return NGX_OK;
}

ngx_int_t tollgate_worker_start(ngx_cycle_t* cycle) {
  tollgate_worker* worker = &tollgate_this_worker;
  if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE) return NGX_OK;
  const tollgate_main_conf* conf =
      ngx_http_cycle_get_module_main_conf(cycle, ngx_http_tollgate_module);
  if (conf == NULL || conf->sources.nelts == 0) return NGX_OK;
  worker->records = conf->records;
  worker->gateway_count = conf->sources.nelts;
  worker->last_token = worker->gateway_count;
  worker->gateways = ngx_calloc(worker->gateway_count * sizeof(tollgate_gateway), cycle->log);
  ngx_rbtree_init(&worker->calls, &worker->calls_sentinel, ngx_rbtree_insert_value);
  if (worker->gateways == NULL || tollgate_loop_start(&worker->loop) != NGX_OK ||
      start_waker(worker) != NGX_OK) {
    return NGX_ERROR;
  }
  tollgate_source** sources = conf->sources.elts;
  for (ngx_uint_t i = 0; i < worker->gateway_count; ++i) {
    if (start_gateway(worker, sources[i], conf) != NGX_OK) return NGX_ERROR;
  }
  return NGX_OK;
}

/// The records of exchanges that were cut off come out of the background work, last of all.
static void stop_gateway(tollgate_gateway* gateway) {
  tg_action action = TG_ACTION_INIT;
  if (gateway->checks.gateway != NULL) tollgate_checks_stop(&gateway->checks);
  if (gateway->caller.background != NULL) {
    tollgate_store_join(&gateway->store, gateway->caller.background);
    tg_background_tick(gateway->caller.background, tollgate_now(), NULL);
    while (tg_background_next_action(gateway->caller.background, &action, NULL) == TG_OK &&
           action.kind != TG_ACTION_WAIT) {
      if (action.kind == TG_ACTION_RECORD) tollgate_write_record(action.body);
      if (action.kind == TG_ACTION_JOURNAL)
        tollgate_store_write_now(&gateway->store, gateway->caller.background, action.body);
    }
    tollgate_transfer_cancel(&gateway->caller, 0);
    tg_background_close(gateway->caller.background);
  }
  tollgate_store_close(&gateway->store);
  tollgate_metrics_stop(&gateway->metrics);
  tg_gateway_free(gateway->gateway);
}

void tollgate_worker_stop(ngx_cycle_t* cycle) {
  tollgate_worker* worker = &tollgate_this_worker;
  if (worker->gateways == NULL) return;
  while (worker->calls.root != &worker->calls_sentinel) {
    tollgate_call_drop(
        (tollgate_call*)(void*)((u_char*)worker->calls.root - offsetof(tollgate_call, by_token)));
  }
  for (ngx_uint_t i = 0; i < worker->gateway_count; ++i)
    stop_gateway(&worker->gateways[i]);
  tollgate_loop_stop(&worker->loop);
  if (worker->waker_connection != NULL) {
    ngx_free_connection(worker->waker_connection);
    worker->waker_connection->fd = (ngx_socket_t)-1;
  }
  tg_waker_free(worker->waker);
  ngx_free(worker->gateways);
  worker->gateways = NULL;
}
