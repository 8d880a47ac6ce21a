// Actions for the client become nginx's answer.
//
// All that one event brings is collected and flushed once. What nginx cannot send at once stays in
// `busy`; as long as there is some, the exchange knows its client as blocked and the upstream is
// not read.

#include "module.h"

/// A stream keeps one of them as long as it lives, and events are small.
enum { PIECE_BYTES = 1024 };

static ngx_buf_tag_t tag(void) {
  return (ngx_buf_tag_t)&ngx_http_tollgate_module;
}

static int is(tg_bytes name, const char* lower) {
  return ngx_strlen(lower) == name.size &&
         ngx_strncasecmp((u_char*)lower, (u_char*)name.data, name.size) == 0;
}

static int keep_text(ngx_pool_t* pool, tg_bytes text, ngx_str_t* out) {
  out->data = ngx_pnalloc(pool, text.size + 1);
  if (out->data == NULL) return 0;
  out->len = text.size;
  if (text.size > 0) ngx_memcpy(out->data, text.data, text.size);
  return 1;
}

static int add_header(ngx_http_request_t* r, tg_bytes name, tg_bytes value) {
  // The framing is nginx's.
  if (is(name, "content-length") || is(name, "transfer-encoding") || is(name, "connection") ||
      is(name, "keep-alive")) {
    return 1;
  }
  if (is(name, "content-type")) {
    if (!keep_text(r->pool, value, &r->headers_out.content_type)) return 0;
    r->headers_out.content_type_len = value.size;
    return 1;
  }
  ngx_table_elt_t* header = ngx_list_push(&r->headers_out.headers);
  if (header == NULL) return 0;
  ngx_memzero(header, sizeof *header);
  if (!keep_text(r->pool, name, &header->key) || !keep_text(r->pool, value, &header->value)) {
    return 0;
  }
  header->hash = 1;  // Zero would hide it.
  return 1;
}

void tollgate_answer_head(tollgate_call* call, const tg_action* action) {
  ngx_http_request_t* r = call->request;
  if (call->gone || call->broken) return;
  // A body that nobody will read must not be taken for the next request.
  if (r->request_body == NULL) ngx_http_discard_request_body(r);
  r->headers_out.status = action->http_status;
  r->headers_out.content_length_n =
      action->body_size == TG_SIZE_UNKNOWN ? -1 : (off_t)action->body_size;
  for (uint32_t i = 0; i < action->header_count; ++i) {
    if (!add_header(r, action->headers[2 * (size_t)i], action->headers[2 * (size_t)i + 1]))
      call->broken = 1;
  }
  if ((action->flags & TG_FLAG_CLOSE) != 0) {
    r->keepalive = 0;
    r->lingering_close = 1;
  }
  const ngx_http_core_loc_conf_t* core = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
  // Events are small; the kernel must not wait for more of them.
  if (core->tcp_nodelay && ngx_tcp_nodelay(r->connection) != NGX_OK) call->broken = 1;
  const ngx_int_t sent = call->broken ? NGX_ERROR : ngx_http_send_header(r);
  if (sent == NGX_ERROR || sent > NGX_OK) call->broken = 1;
  call->head_sent = 1;
  call->unflushed = 1;
}

/// A buffer with room at the end of what will be sent.
static ngx_buf_t* room(tollgate_call* call) {
  ngx_chain_t* last = call->out;
  while (last != NULL && last->next != NULL)
    last = last->next;
  if (last != NULL && last->buf->last < last->buf->end) return last->buf;
  ngx_chain_t* link = ngx_chain_get_free_buf(call->request->pool, &call->spare);
  if (link == NULL) return NULL;
  ngx_buf_t* piece = link->buf;
  if (piece->start == NULL) {
    piece->start = ngx_palloc(call->request->pool, PIECE_BYTES);
    if (piece->start == NULL) return NULL;
    piece->end = piece->start + PIECE_BYTES;
    piece->pos = piece->last = piece->start;
  }
  piece->temporary = 1;
  piece->tag = tag();
  piece->flush = piece->last_buf = 0;
  link->next = NULL;
  if (last == NULL) {
    call->out = link;
  } else {
    last->next = link;
  }
  return piece;
}

void tollgate_answer_body(tollgate_call* call, tg_bytes body) {
  if (call->gone || call->broken || call->request->header_only) return;
  while (body.size > 0) {
    ngx_buf_t* piece = room(call);
    if (piece == NULL) {
      call->broken = 1;
      return;
    }
    const size_t size = ngx_min(body.size, (size_t)(piece->end - piece->last));
    piece->last = ngx_cpymem(piece->last, body.data, size);
    body.data += size;
    body.size -= size;
  }
  call->unflushed = 1;
}

/// Hands the request back to nginx, which sends what is left and ends it.
static void finish(tollgate_call* call, ngx_int_t how) {
  ngx_http_request_t* r = call->request;
  if (call->finished) return;
  call->finished = 1;
  if (!call->in_handler) ngx_http_finalize_request(r, how);
}

static void on_writable(ngx_http_request_t* r);

static void wait_until_writable(tollgate_call* call) {
  ngx_http_request_t* r = call->request;
  r->write_event_handler = on_writable;
  if (ngx_handle_write_event(r->connection->write, 0) != NGX_OK) call->broken = 1;
}

/// Gives nginx what is new (perhaps nothing) and takes back the buffers it has sent.
static void send_out(tollgate_call* call) {
  ngx_http_request_t* r = call->request;
  const ngx_int_t sent = ngx_http_output_filter(r, call->out);
  ngx_chain_update_chains(r->pool, &call->spare, &call->busy, &call->out, tag());
  if (sent == NGX_ERROR || r->connection->error) call->broken = 1;
}

/// Whether the client has not taken yet what was flushed.
static int is_stuck(const tollgate_call* call) {
  return call->busy != NULL || call->request->connection->buffered;
}

/// The last part of an answer that will not be complete: it is sent, and then the connection cut.
static void cut(tollgate_call* call) {
  ngx_http_request_t* r = call->request;
  if (!is_stuck(call) || call->broken) {
    r->connection->error = 1;
    finish(call, NGX_ERROR);
    return;
  }
  const ngx_http_core_loc_conf_t* core = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
  wait_until_writable(call);
  if (!r->connection->write->timer_set) ngx_add_timer(r->connection->write, core->send_timeout);
}

static void on_writable(ngx_http_request_t* r) {
  const tollgate_request* kept = ngx_http_get_module_ctx(r, ngx_http_tollgate_module);
  tollgate_call* call = kept == NULL ? NULL : kept->call;
  ngx_event_t* event = r->connection->write;
  if (call == NULL || call->finished) return;
  if (event->timedout) {
    finish(call, NGX_HTTP_REQUEST_TIME_OUT);
    return;
  }
  if (!event->delayed) send_out(call);
  if (is_stuck(call) && !call->broken) {
    wait_until_writable(call);
    return;
  }
  if (call->caller.exchange == NULL) {
    cut(call);
    return;
  }
  if (call->caller.blocked) {
    call->caller.blocked = 0;
    tg_exchange_client_unblocked(call->caller.exchange, tollgate_now(), NULL);
    tollgate_transfer_resume_all(&call->caller);
  }
  tollgate_call_pump(call);
}

static void send_news(tollgate_call* call) {
  ngx_http_request_t* r = call->request;
  ngx_chain_t* last = call->out;
  while (last != NULL && last->next != NULL)
    last = last->next;
  if (last == NULL) {
    // Nothing but a mark: the end of the answer, or "send the head now".
    if (ngx_http_send_special(r, call->complete ? NGX_HTTP_LAST : NGX_HTTP_FLUSH) == NGX_ERROR)
      call->broken = 1;
  } else {
    last->buf->flush = !call->complete;
    last->buf->last_buf = call->complete;
    send_out(call);
  }
  call->unflushed = 0;
}

int tollgate_answer_flush(tollgate_call* call) {
  if (call->gone || call->request == NULL || call->finished) return 0;
  const int done = call->caller.exchange == NULL;
  if (!call->broken && call->head_sent && !call->request->header_only &&
      (call->unflushed || (done && call->complete))) {
    send_news(call);
  }
  if (call->broken) {
    finish(call, NGX_ERROR);
    return 0;
  }
  if (done && call->complete) {
    finish(call, NGX_OK);
    return 0;
  }
  if (done) {
    cut(call);
    return 0;
  }
  if (!is_stuck(call) || call->caller.blocked) return 0;
  call->caller.blocked = 1;
  wait_until_writable(call);
  tg_exchange_client_blocked(call->caller.exchange, tollgate_now(), NULL);
  return 1;
}
