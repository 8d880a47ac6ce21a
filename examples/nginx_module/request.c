// nginx's request becomes events of an exchange.

#include "module.h"

static tg_bytes bytes_of(const ngx_str_t* text) {
  return tollgate_bytes(text->data, text->len);
}

static tollgate_call* call_of(ngx_http_request_t* r) {
  const tollgate_request* kept = ngx_http_get_module_ctx(r, ngx_http_tollgate_module);
  return kept == NULL ? NULL : kept->call;
}

static void feed_head(ngx_http_request_t* r, tg_exchange* exchange) {
  // One more than there may be is enough for the refusal.
  tg_bytes pairs[2 * (TOLLGATE_PAIRS_MAX + 1)];
  uint32_t count = 0;
  for (const ngx_list_part_t* part = &r->headers_in.headers.part; part != NULL; part = part->next) {
    const ngx_table_elt_t* fields = part->elts;
    for (ngx_uint_t i = 0; i < part->nelts && count <= TOLLGATE_PAIRS_MAX; ++i) {
      pairs[2 * count] = bytes_of(&fields[i].key);
      pairs[2 * count + 1] = bytes_of(&fields[i].value);
      ++count;
    }
  }
  tg_exchange_client_head(exchange, bytes_of(&r->method_name), bytes_of(&r->unparsed_uri), pairs,
                          count, tollgate_now(), NULL);
}

/// Bytes go straight to where the library keeps them.
static void feed_piece(tg_exchange* exchange, const u_char* data, size_t size) {
  while (size > 0) {
    uint8_t* place = NULL;
    size_t capacity = 0;
    size_t piece = size;
    const u_char* from = data;
    if (tg_exchange_body_buffer(exchange, size, &place, &capacity, NULL) == TG_OK) {
      piece = ngx_min(size, capacity);
      ngx_memcpy(place, data, piece);
      from = place;
    }  // Else it is too much; it is fed all the same, to bring the refusal out.
    tg_exchange_client_body(exchange, tollgate_bytes(from, piece), tollgate_now(), NULL);
    data += piece;
    size -= piece;
  }
}

static void feed_read(ngx_http_request_t* r, tg_exchange* exchange) {
  if (r->request_body == NULL) return;  // It was refused unread.
  ngx_chain_t* link = r->request_body->bufs;
  r->request_body->bufs = NULL;
  while (link != NULL) {
    ngx_chain_t* used = link;
    ngx_buf_t* piece = link->buf;
    if (exchange != NULL && !ngx_buf_special(piece))
      feed_piece(exchange, piece->pos, (size_t)(piece->last - piece->pos));
    piece->pos = piece->last;
    link = link->next;
    ngx_free_chain(r->pool, used);
  }
}

/// The library has the body now, and a stream may last for hours.
static void free_buffer(ngx_http_request_t* r) {
  ngx_http_request_body_t* body = r->request_body;
  if (body == NULL || body->buf == NULL) return;
  // Declined when it lies in the buffer of the head, which is not the request's own.
  if (ngx_pfree(r->pool, body->buf->start) == NGX_OK) body->buf = NULL;
}

/// Feeds what has come of the request's body, as far as it has come.
static void read_body(ngx_http_request_t* r) {
  tollgate_call* call = call_of(r);
  if (call == NULL || call->finished) return;
  feed_read(r, call->caller.exchange);
  while (r->reading_body) {
    const ngx_int_t got = ngx_http_read_unbuffered_request_body(r);
    if (got >= NGX_HTTP_SPECIAL_RESPONSE || got == NGX_ERROR) {
      call->finished = 1;
      ngx_http_finalize_request(r, got);
      return;
    }
    const int something = r->request_body->bufs != NULL;
    feed_read(r, call->caller.exchange);
    if (got == NGX_AGAIN && !something) break;
  }
  if (!r->reading_body && call->caller.exchange != NULL) {
    tg_exchange_client_end(call->caller.exchange, tollgate_now(), NULL);
    free_buffer(r);
    // From now on reading means only to see the client leave.
    r->read_event_handler = ngx_http_test_reading;
  }
  tollgate_call_pump(call);
}

static void on_body(ngx_http_request_t* r) {
  r->read_event_handler = read_body;
  read_body(r);
}

static void on_request_ended(void* data) {
  tollgate_call_request_ended(data);
}

ngx_int_t tollgate_handler(ngx_http_request_t* r) {
  const tollgate_location_conf* conf = ngx_http_get_module_loc_conf(r, ngx_http_tollgate_module);
  tollgate_gateway* gateway = &tollgate_this_worker.gateways[conf->source->index];
  if (r == r->main && tollgate_metrics_wanted(r))
    return tollgate_metrics_answer(r, &gateway->metrics);
  ngx_http_cleanup_t* cleanup = ngx_http_cleanup_add(r, 0);
  tollgate_request* kept = ngx_pcalloc(r->pool, sizeof *kept);
  // A part of another answer has no client of its own.
  if (cleanup == NULL || kept == NULL || r != r->main) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  tollgate_call* call = tollgate_call_create(r, gateway->gateway);
  if (call == NULL) return NGX_HTTP_SERVICE_UNAVAILABLE;
  cleanup->handler = on_request_ended;
  cleanup->data = call;
  kept->call = call;
  ngx_http_set_ctx(r, kept, ngx_http_tollgate_module);
  feed_head(r, call->caller.exchange);
  call->in_handler = 1;
  tollgate_call_pump(call);
  call->in_handler = 0;
  // A refusal may come out before the body has come.
  if (call->finished) return call->broken || !call->complete ? NGX_ERROR : NGX_OK;
  r->request_body_no_buffering = 1;
  const ngx_int_t reading = ngx_http_read_client_request_body(r, on_body);
  return reading >= NGX_HTTP_SPECIAL_RESPONSE ? reading : NGX_DONE;
}
