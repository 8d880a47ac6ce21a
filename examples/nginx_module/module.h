// What the files of the module share. README.md in this folder says which file has which part.

#pragma once

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <pthread.h>

#include <curl/curl.h>

#include "tollgate/action.h"
#include "tollgate/background.h"
#include "tollgate/config.h"
#include "tollgate/exchange.h"
#include "tollgate/gateway.h"
#include "tollgate/redis.h"
#include "tollgate/sqlite.h"
#include "tollgate/waker.h"

#include "metrics.h"

extern ngx_module_t ngx_http_tollgate_module;

enum { TOLLGATE_PAIRS_MAX = 200 };

static inline tg_bytes tollgate_bytes(const u_char* data, size_t size) {
  tg_bytes bytes = {data, size};
  return bytes;
}

static inline tg_time tollgate_now(void) {
  struct timespec mono;
  struct timespec wall;
  clock_gettime(CLOCK_MONOTONIC, &mono);
  clock_gettime(CLOCK_REALTIME, &wall);
  tg_time now = {(uint64_t)mono.tv_sec * 1000000000 + (uint64_t)mono.tv_nsec,
                 (int64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000};
  return now;
}

/// Milliseconds from now until a deadline, for ngx_add_timer(); rounded up, so that it has come.
static inline ngx_msec_t tollgate_ms_until(uint64_t deadline_ns) {
  const uint64_t now_ns = tollgate_now().mono_ns;
  return deadline_ns <= now_ns ? 1 : (ngx_msec_t)((deadline_ns - now_ns) / 1000000 + 1);
}

// ---- source.c: what the master reads, once for all workers

/// A configuration file with everything it refers to.
typedef struct {
  ngx_str_t path;
  ngx_str_t text;
  ngx_array_t values;  ///< Of tollgate_value.
  ngx_uint_t index;    ///< Of its gateway in every worker.
  ngx_shm_zone_t* metrics;
} tollgate_source;

/// The value of "${NAME}" or of "file:PATH".
typedef struct {
  int32_t kind;
  ngx_str_t name;
  ngx_str_t value;
} tollgate_value;

/// Reads and checks a file. NULL, with everything there is to say in the log, when it has errors.
tollgate_source* tollgate_source_read(ngx_conf_t* cf, ngx_str_t* path);
/// A tg_lookup_fn for workers; user is the tollgate_source.
int32_t tollgate_source_look_up(int32_t kind, tg_bytes name, tg_bytes* value, void* user);

// ---- conf.c: the directives

typedef struct {
  ngx_array_t sources;       ///< Of tollgate_source*.
  ngx_open_file_t* records;  ///< NULL: records are not kept.
  ngx_str_t state;           ///< Where budgets are kept; empty: in each worker.
  int32_t durability;        ///< Of a file, a tg_sqlite_durability.
  size_t metrics_bytes;      ///< Of the memory that workers share for a file's metrics.
} tollgate_main_conf;

typedef struct {
  tollgate_source* source;
  ngx_flag_t enabled;
} tollgate_location_conf;

extern ngx_command_t tollgate_commands[];
void* tollgate_create_main_conf(ngx_conf_t* cf);
char* tollgate_init_main_conf(ngx_conf_t* cf, void* conf);
void* tollgate_create_location_conf(ngx_conf_t* cf);
char* tollgate_merge_location_conf(ngx_conf_t* cf, void* parent, void* child);

// ---- log_values.c: records, and variables for nginx's own log

/// What the module keeps with nginx's request, to its end.
typedef struct {
  struct tollgate_call* call;  ///< NULL once nginx has ended the request.
  tg_bytes record;             ///< A copy; empty before there is one.
} tollgate_request;

ngx_int_t tollgate_add_variables(ngx_conf_t* cf);
void tollgate_keep_record(ngx_http_request_t* r, tg_bytes record);
void tollgate_write_record(tg_bytes record);

// ---- caller.c: whoever asks for upstream calls

/// An exchange, or the background work of a gateway.
typedef struct tollgate_caller {
  tg_exchange* exchange;  ///< One of the two is set.
  tg_background* background;
  ngx_queue_t transfers;
  void (*advance)(struct tollgate_caller* caller);  ///< Performs what is to be done next.
  unsigned blocked : 1;                             ///< Its client takes no bytes for now.
} tollgate_caller;

void tollgate_caller_init(tollgate_caller* caller, void (*advance)(tollgate_caller*));
void tollgate_caller_head(tollgate_caller* caller, uint32_t attempt, uint32_t status,
                          const tg_bytes* pairs, uint32_t pair_count);
void tollgate_caller_body(tollgate_caller* caller, uint32_t attempt, tg_bytes body);
void tollgate_caller_end(tollgate_caller* caller, uint32_t attempt);
void tollgate_caller_failed(tollgate_caller* caller, uint32_t attempt, int32_t failure,
                            const char* detail);

// ---- transfer.c: one attempt at an upstream

typedef struct {
  ngx_queue_t of_caller;
  ngx_queue_t of_loop;      ///< In the loop's list of things to do, when `todo` is not 0.
  tollgate_caller* caller;  ///< NULL: nobody is interested any more.
  CURL* easy;
  struct curl_slist* fields;
  const tg_bytes* spans;
  size_t span;
  size_t span_offset;
  uint64_t body_size;
  u_char* copy;     ///< The spans put together, when they are small.
  int32_t failure;  ///< What went wrong, when libcurl cannot know; 0 otherwise.
  uint32_t attempt;
  uint32_t span_count;
  unsigned todo : 4;  ///< TOLLGATE_TODO_ bits.
  unsigned added : 1;
  unsigned sent : 1;
  unsigned answered : 1;  ///< The head was fed; what looks like one now is a trailer.
} tollgate_transfer;

void tollgate_transfer_open(tollgate_caller* caller, const tg_action* action);
/// Ends the caller's attempt with this number; 0 ends all of them.
void tollgate_transfer_cancel(tollgate_caller* caller, uint32_t attempt);
void tollgate_transfer_resume_all(tollgate_caller* caller);
void tollgate_transfer_finish(tollgate_transfer* transfer, CURLcode code);
void tollgate_transfer_free(tollgate_transfer* transfer);

// ---- address.c

/// Whether an address is private, loopback, link-local or not an internet address at all.
int tollgate_address_is_private(const struct sockaddr* address);

// ---- loop.c: libcurl on nginx's events

enum {
  TOLLGATE_TODO_ADD = 1,
  TOLLGATE_TODO_RESUME = 2,
  TOLLGATE_TODO_FAIL = 4,
  TOLLGATE_TODO_FREE = 8
};

enum { TOLLGATE_IDLE_HANDLES_MAX = 64 };

typedef struct {
  CURLM* multi;
  CURL* idle[TOLLGATE_IDLE_HANDLES_MAX];  ///< Connections are the multi's; a handle is only memory.
  ngx_uint_t idle_count;
  unsigned inside : 1;  ///< One of libcurl's callbacks may be running.
  ngx_event_t timer;
  ngx_event_t later;      ///< Posted while there is something to do outside of libcurl's callbacks.
  ngx_queue_t transfers;  ///< With something in `todo`.
  ngx_queue_t calls;      ///< That have ended.
} tollgate_loop;

ngx_int_t tollgate_loop_start(tollgate_loop* loop);
void tollgate_loop_stop(tollgate_loop* loop);
CURL* tollgate_loop_take_handle(tollgate_loop* loop);
void tollgate_loop_give_handle(tollgate_loop* loop, CURL* easy);
/// Asks for something that may not be done inside of libcurl's callbacks. TOLLGATE_TODO_FREE is
/// done at once where it can be, because the bytes of a request go with its exchange.
void tollgate_loop_ask(tollgate_transfer* transfer, unsigned todo);

// ---- call.c: one request of a client

typedef struct tollgate_call {
  tollgate_caller caller;
  ngx_rbtree_node_t by_token;
  ngx_queue_t ended;
  ngx_http_request_t* request;  ///< NULL when nginx has ended it.
  ngx_event_t timer;            ///< The exchange's deadline.
  uint64_t armed_ns;
  ngx_chain_t* out;  ///< To be sent by the next flush.
  ngx_chain_t* busy;
  ngx_chain_t* spare;
  unsigned pumping : 1;
  unsigned gone : 1;  ///< Nothing is sent any more.
  unsigned head_sent : 1;
  unsigned unflushed : 1;
  unsigned complete : 1;    ///< The answer has reached its end.
  unsigned broken : 1;      ///< nginx could not take a part of the answer.
  unsigned in_handler : 1;  ///< Inside of the content handler, which ends the request itself.
  unsigned finished : 1;    ///< The request was handed back to nginx.
  unsigned over : 1;        ///< Waits to be freed.
} tollgate_call;

tollgate_call* tollgate_call_create(ngx_http_request_t* r, tg_gateway* gateway);
/// Performs what the exchange wants now, and sends. The request may be over after it.
void tollgate_call_pump(tollgate_call* call);
/// The same from an event that is not the client's connection's.
void tollgate_call_advance(tollgate_call* call);
void tollgate_call_tick(tollgate_call* call);
/// nginx has ended the request, with its answer or without.
void tollgate_call_request_ended(tollgate_call* call);
/// Takes the call out of everything, for the end of the worker.
void tollgate_call_drop(tollgate_call* call);

// ---- answer.c: actions become bytes for the client

void tollgate_answer_head(tollgate_call* call, const tg_action* action);
void tollgate_answer_body(tollgate_call* call, tg_bytes body);
/// Sends what there is. 1 when the exchange has learnt something by it, so has more to say.
int tollgate_answer_flush(tollgate_call* call);

// ---- request.c

ngx_int_t tollgate_handler(ngx_http_request_t* r);

// ---- store.c: budgets and limits that workers share

enum { TOLLGATE_STORE_IDLE, TOLLGATE_STORE_ASKED, TOLLGATE_STORE_ANSWERED };

/// A store and its thread. `state` is under the mutex; what is behind it belongs to the thread
/// while it is ASKED, else to nginx's.
typedef struct {
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  int state;
  unsigned stopping : 1;
  unsigned running;   ///< The thread was started.
  tg_sqlite* sqlite;  ///< One of the two.
  tg_redis* redis;
  uint64_t token;  ///< Woken with an answer.
  u_char* batch;
  size_t batch_size;
  tg_bytes reply;
  int failed;
  int was_failing;
  u_char reason[256];
} tollgate_store;

ngx_int_t tollgate_store_start(tollgate_store* store, const tollgate_main_conf* main,
                               tg_background* background, uint64_t token);
/// Has the thread apply a batch.
void tollgate_store_write(tollgate_store* store, tg_background* background, tg_bytes batch);
/// Hands an answer of the thread's to the background, when there is one.
void tollgate_store_take(tollgate_store* store, tg_background* background);
/// Ends the thread; what it was at is finished. From then on tollgate_store_write_now() writes.
void tollgate_store_join(tollgate_store* store, tg_background* background);
void tollgate_store_write_now(tollgate_store* store, tg_background* background, tg_bytes batch);
void tollgate_store_close(tollgate_store* store);

// ---- checks.c: whether upstreams answer

typedef struct {
  tollgate_caller caller;  ///< Its exchange is set while checks are being made.
  tg_gateway* gateway;
  uint64_t wake_token;
  ngx_event_t timer;  ///< For the deadline of the exchange, or the next one.
  u_char answer[256];
  size_t answer_size;
} tollgate_checks;

void tollgate_checks_start(tollgate_checks* checks, tg_gateway* gateway, uint64_t wake_token);
void tollgate_checks_tick(tollgate_checks* checks);
void tollgate_checks_stop(tollgate_checks* checks);

// ---- worker.c: what a worker process has one of

typedef struct {
  tollgate_caller caller;  ///< Of the background work.
  tg_gateway* gateway;
  ngx_event_t timer;
  tollgate_store store;  ///< Not running: budgets are this worker's own.
  tollgate_metrics metrics;
  tollgate_checks checks;
} tollgate_gateway;

typedef struct {
  tollgate_gateway* gateways;  ///< As many as there are sources.
  ngx_uint_t gateway_count;
  ngx_open_file_t* records;
  tg_waker* waker;
  ngx_connection_t* waker_connection;
  uint64_t last_token;
  ngx_rbtree_t calls;
  ngx_rbtree_node_t calls_sentinel;
  tollgate_loop loop;
} tollgate_worker;

extern tollgate_worker tollgate_this_worker;

ngx_int_t tollgate_worker_start(ngx_cycle_t* cycle);
void tollgate_worker_stop(ngx_cycle_t* cycle);
