// Budgets and limits that workers share: a store, and a thread of it in each worker, because a
// store waits for a file or the network and nginx's loop must not.

#include <signal.h>

#include "module.h"

/// Applies the batch and leaves the answer, or that there is none.
static void apply(tollgate_store* store) {
  tg_bytes reply = {NULL, 0};
  tg_error* error = NULL;
  const tg_bytes batch = {store->batch, store->batch_size};
  const tg_status status = store->redis != NULL
                               ? tg_redis_apply(store->redis, batch, &reply, &error)
                               : tg_sqlite_apply(store->sqlite, batch, &reply, &error);
  // The text stays valid until the next batch, which comes after this answer was taken.
  store->reply = reply;
  store->failed = status != TG_OK;
  if (error != NULL) {
    const tg_bytes message = tg_error_message(error);
    const size_t size = ngx_min(message.size, sizeof store->reason - 1);
    ngx_memcpy(store->reason, message.data, size);
    store->reason[size] = '\0';
    tg_error_free(error);
  }
}

static void* work(void* user) {
  tollgate_store* store = user;
  pthread_mutex_lock(&store->mutex);
  while (!store->stopping) {
    if (store->state != TOLLGATE_STORE_ASKED) {
      pthread_cond_wait(&store->changed, &store->mutex);
      continue;
    }
    pthread_mutex_unlock(&store->mutex);
    apply(store);
    pthread_mutex_lock(&store->mutex);
    store->state = TOLLGATE_STORE_ANSWERED;
    tg_waker_wake(store->token, tollgate_this_worker.waker);
  }
  pthread_mutex_unlock(&store->mutex);
  return NULL;
}

static tg_status open_store(tollgate_store* store, const tollgate_main_conf* main,
                            tg_error** error) {
  const ngx_str_t* place = &main->state;
  const tg_bytes name = tollgate_bytes(place->data, place->len);
  if (place->len > 6 && ngx_strncmp(place->data, "redis:", 6) == 0)
    return tg_redis_open(name, &store->redis, error);
  return tg_sqlite_open(name, main->durability, tollgate_now().wall_ms, &store->sqlite, error);
}

ngx_int_t tollgate_store_start(tollgate_store* store, const tollgate_main_conf* main,
                               tg_background* background, uint64_t token) {
  tg_error* error = NULL;
  if (open_store(store, main, &error) != TG_OK ||
      tg_background_journal_start(background, tollgate_now(), &error) != TG_OK) {
    const tg_bytes message = tg_error_message(error);
    ngx_log_error(NGX_LOG_EMERG, ngx_cycle->log, 0, "tollgate_state: %*s", message.size,
                  message.data);
    tg_error_free(error);
    return NGX_ERROR;
  }
  store->token = token;
  // Signals are for nginx's own thread.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  const int failed = pthread_mutex_init(&store->mutex, NULL) != 0 ||
                     pthread_cond_init(&store->changed, NULL) != 0 ||
                     pthread_create(&store->thread, NULL, work, store) != 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  store->running = !failed;
  return failed ? NGX_ERROR : NGX_OK;
}

/// Takes a copy of the batch. 0 when memory is out.
static int copy_batch(tollgate_store* store, tg_bytes batch) {
  u_char* copy = ngx_alloc(batch.size, ngx_cycle->log);
  if (copy == NULL) return 0;
  ngx_memcpy(copy, batch.data, batch.size);
  ngx_free(store->batch);
  store->batch = copy;
  store->batch_size = batch.size;
  return 1;
}

void tollgate_store_write(tollgate_store* store, tg_background* background, tg_bytes batch) {
  if (!copy_batch(store, batch)) {
    tg_background_journal_failed(background, tollgate_now(), NULL);
    return;
  }
  pthread_mutex_lock(&store->mutex);
  store->state = TOLLGATE_STORE_ASKED;
  pthread_cond_signal(&store->changed);
  pthread_mutex_unlock(&store->mutex);
}

/// Tells the background what came of the batch; a store that fails is told of once.
static void report(tollgate_store* store, tg_background* background) {
  store->state = TOLLGATE_STORE_IDLE;
  if (store->failed) {
    if (!store->was_failing)
      ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0, "tollgate_state: requests wait: %s",
                    store->reason);
    tg_background_journal_failed(background, tollgate_now(), NULL);
  } else {
    tg_background_journal_done(background, store->reply, tollgate_now(), NULL);
  }
  store->was_failing = store->failed;
}

void tollgate_store_take(tollgate_store* store, tg_background* background) {
  if (!store->running) return;
  pthread_mutex_lock(&store->mutex);
  const int answered = store->state == TOLLGATE_STORE_ANSWERED;
  pthread_mutex_unlock(&store->mutex);
  if (answered) report(store, background);
}

void tollgate_store_join(tollgate_store* store, tg_background* background) {
  if (!store->running) return;
  pthread_mutex_lock(&store->mutex);
  store->stopping = 1;
  pthread_cond_signal(&store->changed);
  pthread_mutex_unlock(&store->mutex);
  pthread_join(store->thread, NULL);
  store->running = 0;
  if (store->state == TOLLGATE_STORE_ASKED) apply(store);
  if (store->state != TOLLGATE_STORE_IDLE) report(store, background);
}

void tollgate_store_write_now(tollgate_store* store, tg_background* background, tg_bytes batch) {
  if (!copy_batch(store, batch)) return;
  apply(store);
  report(store, background);
}

void tollgate_store_close(tollgate_store* store) {
  tg_sqlite_close(store->sqlite);
  tg_redis_close(store->redis);
  ngx_free(store->batch);
}
