// Each worker publishes its metrics about once a second; the worker that is asked adds them up.

#include "metrics.h"

#include "module.h"

/// A page may be large: with this rest after each one, making it takes 2 % of a worker at most.
enum { PUBLISH_MS = 1000, PUBLISH_REST = 50, QUIET_MAX = 10 };

/// The gateway's own page, copied into a pool.
static ngx_int_t read_own(const tg_gateway* gateway, ngx_pool_t* pool, ngx_str_t* page) {
  tg_text* text = NULL;
  if (tg_gateway_metrics(gateway, &text, NULL) != TG_OK) return NGX_ERROR;
  const tg_bytes bytes = tg_text_bytes(text);
  page->len = bytes.size;
  page->data = ngx_pnalloc(pool, bytes.size + 1);
  if (page->data != NULL) ngx_memcpy(page->data, bytes.data, bytes.size);
  tg_text_free(text);
  return page->data == NULL ? NGX_ERROR : NGX_OK;
}

static void publish(tollgate_metrics* metrics, const ngx_str_t* page) {
  const int full =
      metrics->slot == NULL || tollgate_zone_publish(metrics->zone, metrics->slot, page) != NGX_OK;
  if (full && !metrics->full) {
    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "\"%V\" is full: metrics of this worker, of %uz bytes, are not up to date in the "
                  "answers of others; tollgate_metrics_size makes it larger",
                  &metrics->zone->shm.name, page->len);
  }
  metrics->full = full ? 1 : 0;
}

static void publish_now(tollgate_metrics* metrics) {
  ngx_str_t page;
  ngx_pool_t* pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);
  if (pool == NULL) return;
  if (read_own(metrics->gateway, pool, &page) == NGX_OK) publish(metrics, &page);
  ngx_destroy_pool(pool);
}

/// Without requests, only what the background work counts can change: the ends of notifications.
static int may_have_changed(tollgate_metrics* metrics) {
  const uint64_t calls = tollgate_this_worker.last_token;
  const int busy = tg_gateway_open_exchanges(metrics->gateway) > 0;
  const int changed =
      calls != metrics->calls_seen || busy || metrics->was_busy || ++metrics->quiet >= QUIET_MAX;
  metrics->calls_seen = calls;
  metrics->was_busy = busy ? 1 : 0;
  if (changed) metrics->quiet = 0;
  return changed;
}

static void on_timer(ngx_event_t* event) {
  tollgate_metrics* metrics = event->data;
  const uint64_t begin_ns = tollgate_now().mono_ns;
  if (may_have_changed(metrics)) publish_now(metrics);
  const uint64_t took_ms = (tollgate_now().mono_ns - begin_ns) / 1000000;
  ngx_add_timer(event, (ngx_msec_t)ngx_max(PUBLISH_MS, PUBLISH_REST * took_ms));
}

void tollgate_metrics_start(tollgate_metrics* metrics, const tg_gateway* gateway,
                            ngx_shm_zone_t* zone) {
  metrics->gateway = gateway;
  metrics->zone = zone;
  metrics->slot = tollgate_zone_join(zone);
  publish_now(metrics);
  metrics->timer.handler = on_timer;
  metrics->timer.data = metrics;
  metrics->timer.log = ngx_cycle->log;
  metrics->timer.cancelable = 1;
  ngx_add_timer(&metrics->timer, PUBLISH_MS);
}

void tollgate_metrics_stop(tollgate_metrics* metrics) {
  if (metrics->timer.timer_set) ngx_del_timer(&metrics->timer);
  if (metrics->gateway == NULL || metrics->slot == NULL) return;
  publish_now(metrics);
  tollgate_zone_leave(metrics->zone, metrics->slot);
  metrics->slot = NULL;
}

int tollgate_metrics_wanted(const ngx_http_request_t* r) {
  static const char name[] = "/metrics";
  const u_char* at = r->unparsed_uri.data;
  const u_char* end = at + r->unparsed_uri.len;
  const u_char* query = ngx_strlchr((u_char*)at, (u_char*)end, '?');
  if (r->method != NGX_HTTP_GET) return 0;
  if (query != NULL) end = query;
  // Written as the gateway reads it: base URLs may end in "/v1".
  for (int times = 0; times < 2 && end - at > 4 && ngx_memcmp(at, "/v1/", 4) == 0; ++times)
    at += 3;
  if (end - at > 1 && end[-1] == '/') --end;
  return end - at == sizeof name - 1 && ngx_memcmp(at, name, sizeof name - 1) == 0;
}

/// What was told once stays true: the own page is published before it goes into a sum.
static ngx_int_t add_up(tollgate_metrics* metrics, ngx_pool_t* pool, ngx_str_t* page) {
  ngx_str_t own;
  tollgate_sum sum;
  if (read_own(metrics->gateway, pool, &own) != NGX_OK) return NGX_ERROR;
  publish(metrics, &own);
  tollgate_sum_init(&sum, pool);
  if (tollgate_sum_add(&sum, &own, TOLLGATE_SUM_ALL) != NGX_OK ||
      tollgate_zone_add_others(metrics->zone, metrics->slot, &sum) != NGX_OK) {
    return NGX_ERROR;
  }
  return tollgate_sum_write(&sum, page);
}

ngx_int_t tollgate_metrics_answer(ngx_http_request_t* r, tollgate_metrics* metrics) {
  ngx_str_t page;
  const ngx_int_t discarded = ngx_http_discard_request_body(r);
  if (discarded != NGX_OK) return discarded;
  ngx_buf_t* body = ngx_calloc_buf(r->pool);
  if (body == NULL || add_up(metrics, r->pool, &page) != NGX_OK)
    return NGX_HTTP_INTERNAL_SERVER_ERROR;
  ngx_str_set(&r->headers_out.content_type, "text/plain; version=0.0.4; charset=utf-8");
  r->headers_out.content_type_len = r->headers_out.content_type.len;
  r->headers_out.status = NGX_HTTP_OK;
  r->headers_out.content_length_n = (off_t)page.len;
  const ngx_int_t sent = ngx_http_send_header(r);
  if (sent == NGX_ERROR || sent > NGX_OK || r->header_only) return sent;
  ngx_chain_t out = {body, NULL};
  body->pos = page.data;
  body->last = page.data + page.len;
  body->memory = page.len > 0;
  body->last_buf = 1;
  return ngx_http_output_filter(r, &out);
}
