// One request of a client: its exchange, and the exchange's deadline.

#include "module.h"

static tollgate_call* of_caller(tollgate_caller* caller) {
  return (tollgate_call*)(void*)caller;  // Its first member.
}

static void arm(tollgate_call* call, uint64_t deadline_ns) {
  // Deadlines move with every event; nginx's timer only when one comes closer.
  if (deadline_ns >= call->armed_ns) return;
  call->armed_ns = deadline_ns;
  if (call->timer.timer_set) ngx_del_timer(&call->timer);
  ngx_add_timer(&call->timer, tollgate_ms_until(deadline_ns));
}

static void on_timer(ngx_event_t* event) {
  tollgate_call* call = event->data;
  call->armed_ns = TG_NO_DEADLINE;
  tollgate_call_tick(call);
}

static void advance(tollgate_caller* caller) {
  tollgate_call_advance(of_caller(caller));
}

tollgate_call* tollgate_call_create(ngx_http_request_t* r, tg_gateway* gateway) {
  tollgate_worker* worker = &tollgate_this_worker;
  tollgate_call* call = ngx_calloc(sizeof *call, r->connection->log);
  if (call == NULL) return NULL;
  tg_exchange_options options = TG_EXCHANGE_OPTIONS_INIT;
  options.client_address =
      tollgate_bytes(r->connection->addr_text.data, r->connection->addr_text.len);
  options.wake_token = ++worker->last_token;
  tollgate_caller_init(&call->caller, advance);
  if (tg_exchange_create(gateway, &options, tollgate_now(), &call->caller.exchange, NULL) !=
      TG_OK) {
    ngx_free(call);
    return NULL;
  }
  call->request = r;
  call->armed_ns = TG_NO_DEADLINE;
  // While it is set, a worker that was asked to quit stays.
  call->timer.handler = on_timer;
  call->timer.data = call;
  call->timer.log = ngx_cycle->log;
  call->by_token.key = options.wake_token;
  ngx_rbtree_insert(&worker->calls, &call->by_token);
  return call;
}

/// Once neither nginx nor the library knows it any more. Functions of it may still be running.
static void end_if_over(tollgate_call* call) {
  if (call->caller.exchange != NULL || call->request != NULL || call->over) return;
  call->over = 1;
  ngx_queue_insert_tail(&tollgate_this_worker.loop.calls, &call->ended);
  ngx_post_event(&tollgate_this_worker.loop.later, &ngx_posted_events);
}

static void end_exchange(tollgate_call* call) {
  tollgate_transfer_cancel(&call->caller, 0);
  tg_exchange_free(call->caller.exchange);
  call->caller.exchange = NULL;
  if (call->timer.timer_set) ngx_del_timer(&call->timer);
  ngx_rbtree_delete(&tollgate_this_worker.calls, &call->by_token);
}

static void perform(tollgate_call* call, const tg_action* action) {
  switch (action->kind) {
    case TG_ACTION_UPSTREAM_OPEN:
      tollgate_transfer_open(&call->caller, action);
      break;
    case TG_ACTION_UPSTREAM_CANCEL:
      tollgate_transfer_cancel(&call->caller, action->upstream);
      break;
    case TG_ACTION_CLIENT_HEAD:
      tollgate_answer_head(call, action);
      break;
    case TG_ACTION_CLIENT_BODY:
      tollgate_answer_body(call, action->body);
      break;
    case TG_ACTION_CLIENT_END:
      call->complete = 1;
      break;
    case TG_ACTION_RECORD:
      tollgate_write_record(action->body);
      if (call->request != NULL) tollgate_keep_record(call->request, action->body);
      break;
    case TG_ACTION_DONE:
      end_exchange(call);
      break;
    default:  // CLIENT_ABORT: an answer that is not complete at DONE is cut off.
      break;
  }
}

void tollgate_call_pump(tollgate_call* call) {
  if (call->pumping) return;
  do {
    tg_action action = TG_ACTION_INIT;
    call->pumping = 1;
    while (call->caller.exchange != NULL) {
      if (tg_exchange_next_action(call->caller.exchange, &action, NULL) != TG_OK) {
        end_exchange(call);  // Memory ran out; freeing the exchange settles it.
      } else if (action.kind == TG_ACTION_WAIT) {
        arm(call, action.deadline_ns);
        break;
      } else {
        perform(call, &action);
      }
    }
    call->pumping = 0;
  } while (tollgate_answer_flush(call));
  end_if_over(call);
}

void tollgate_call_advance(tollgate_call* call) {
  ngx_connection_t* client = call->request == NULL ? NULL : call->request->connection;
  tollgate_call_pump(call);
  if (client != NULL) ngx_http_run_posted_requests(client);
}

void tollgate_call_tick(tollgate_call* call) {
  if (call->caller.exchange == NULL) return;
  tg_exchange_tick(call->caller.exchange, tollgate_now(), NULL);
  tollgate_call_advance(call);
}

void tollgate_call_request_ended(tollgate_call* call) {
  call->gone = 1;
  if (call->caller.exchange != NULL) {
    // The record still comes out, in time for nginx's own log.
    tg_exchange_client_gone(call->caller.exchange, tollgate_now(), NULL);
    tollgate_call_pump(call);
  }
  tollgate_request* kept = ngx_http_get_module_ctx(call->request, ngx_http_tollgate_module);
  if (kept != NULL) kept->call = NULL;
  call->request = NULL;
  end_if_over(call);
}

void tollgate_call_drop(tollgate_call* call) {
  call->gone = 1;
  end_exchange(call);
  call->request = NULL;
  end_if_over(call);
}
