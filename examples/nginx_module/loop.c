// libcurl's multi interface on nginx's own events and timers.
//
// libcurl may not be entered from its own callbacks, and the actions of an exchange come out there
// too. What has to wait for that is kept in lists, and done by an event that is posted.

#include "module.h"

static void settle_later(void) {
  ngx_post_event(&tollgate_this_worker.loop.later, &ngx_posted_events);
}

void tollgate_loop_ask(tollgate_transfer* transfer, unsigned todo) {
  if (todo == TOLLGATE_TODO_FREE && !tollgate_this_worker.loop.inside) {
    tollgate_transfer_free(transfer);
    return;
  }
  if (transfer->todo == 0) {
    ngx_queue_insert_tail(&tollgate_this_worker.loop.transfers, &transfer->of_loop);
  }
  transfer->todo |= todo & 0xF;
  settle_later();
}

static void drive(curl_socket_t fd, int happened) {
  tollgate_loop* loop = &tollgate_this_worker.loop;
  int running = 0;
  loop->inside = 1;
  curl_multi_socket_action(loop->multi, fd, happened, &running);
  loop->inside = 0;
  settle_later();
}

static void on_socket_ready(ngx_event_t* event) {
  const ngx_connection_t* socket = event->data;
  drive(socket->fd, event->write ? CURL_CSELECT_OUT : CURL_CSELECT_IN);
}

/// Level-triggered, which nginx's own sockets are not: libcurl does not always read to the end.
static void watch(ngx_event_t* event, ngx_int_t kind, int wanted) {
  if (wanted && !event->active) {
    ngx_add_event(event, kind, NGX_LEVEL_EVENT);
  } else if (!wanted && event->active) {
    ngx_del_event(event, kind, 0);
  }
}

static void forget_socket(ngx_connection_t* socket) {
  watch(socket->read, NGX_READ_EVENT, 0);
  watch(socket->write, NGX_WRITE_EVENT, 0);
  if (socket->read->posted) {
    ngx_delete_posted_event(socket->read);
  }
  if (socket->write->posted) {
    ngx_delete_posted_event(socket->write);
  }
  // The descriptor is libcurl's, which may keep it for the next request.
  ngx_free_connection(socket);
  socket->fd = (ngx_socket_t)-1;
}

static int on_socket_change(CURL* easy, curl_socket_t fd, int what, void* user, void* known) {
  tollgate_loop* loop = user;
  ngx_connection_t* socket = known;
  if (what == CURL_POLL_REMOVE) {
    if (socket != NULL) forget_socket(socket);
    return 0;
  }
  if (socket == NULL) {
    socket = ngx_get_connection(fd, ngx_cycle->log);
    if (socket == NULL) {
      // An error from here would end every transfer; only this one cannot go on.
      char* transfer = NULL;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
      tollgate_loop_ask((tollgate_transfer*)(void*)transfer, TOLLGATE_TODO_FAIL);
      return 0;
    }
    socket->read->handler = on_socket_ready;
    socket->write->handler = on_socket_ready;
    socket->read->log = ngx_cycle->log;
    socket->write->log = ngx_cycle->log;
    curl_multi_assign(loop->multi, fd, socket);
  }
  watch(socket->read, NGX_READ_EVENT, (what & CURL_POLL_IN) != 0);
  watch(socket->write, NGX_WRITE_EVENT, (what & CURL_POLL_OUT) != 0);
  return 0;
}

static void on_timer(ngx_event_t* event) {
  drive(CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer_change(CURLM* multi, long timeout_ms, void* user) {
  tollgate_loop* loop = user;
  if (loop->timer.timer_set) ngx_del_timer(&loop->timer);
  if (loop->timer.posted) {
    ngx_delete_posted_event(&loop->timer);
  }
  if (timeout_ms == 0) {
    ngx_post_event(&loop->timer, &ngx_posted_events);
  } else if (timeout_ms > 0) {
    ngx_add_timer(&loop->timer, (ngx_msec_t)timeout_ms);
  }
  return 0;
}

static void do_one(tollgate_loop* loop, tollgate_transfer* transfer) {
  const unsigned todo = transfer->todo;
  ngx_queue_remove(&transfer->of_loop);
  transfer->todo = 0;
  if ((todo & TOLLGATE_TODO_FREE) != 0) {
    tollgate_transfer_free(transfer);
  } else if ((todo & TOLLGATE_TODO_FAIL) != 0) {
    if (transfer->failure == 0) transfer->failure = TG_FAILURE_HOST;
    tollgate_transfer_finish(transfer, CURLE_FAILED_INIT);
  } else if ((todo & TOLLGATE_TODO_ADD) != 0) {
    transfer->added = curl_multi_add_handle(loop->multi, transfer->easy) == CURLM_OK;
    if (!transfer->added) tollgate_transfer_finish(transfer, CURLE_FAILED_INIT);
  } else if (transfer->added) {
    loop->inside = 1;
    curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
    loop->inside = 0;
  }
}

/// Does what had to wait, which may lead to more of the same.
static void settle(tollgate_loop* loop) {
  int left = 0;
  while (1) {
    CURLMsg* message = curl_multi_info_read(loop->multi, &left);
    if (message != NULL) {
      char* transfer = NULL;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
      tollgate_transfer_finish((tollgate_transfer*)(void*)transfer, message->data.result);
    } else if (!ngx_queue_empty(&loop->transfers)) {
      do_one(loop, ngx_queue_data(ngx_queue_head(&loop->transfers), tollgate_transfer, of_loop));
    } else {
      break;
    }
  }
  while (!ngx_queue_empty(&loop->calls)) {
    tollgate_call* call = ngx_queue_data(ngx_queue_head(&loop->calls), tollgate_call, ended);
    ngx_queue_remove(&call->ended);
    ngx_free(call);
  }
}

static void on_later(ngx_event_t* event) {
  settle(event->data);
}

CURL* tollgate_loop_take_handle(tollgate_loop* loop) {
  return loop->idle_count > 0 ? loop->idle[--loop->idle_count] : curl_easy_init();
}

void tollgate_loop_give_handle(tollgate_loop* loop, CURL* easy) {
  if (easy != NULL && loop->idle_count < TOLLGATE_IDLE_HANDLES_MAX) {
    curl_easy_reset(easy);
    loop->idle[loop->idle_count++] = easy;
  } else {
    curl_easy_cleanup(easy);
  }
}

ngx_int_t tollgate_loop_start(tollgate_loop* loop) {
  ngx_queue_init(&loop->transfers);
  ngx_queue_init(&loop->calls);
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return NGX_ERROR;
  loop->multi = curl_multi_init();
  if (loop->multi == NULL) return NGX_ERROR;
  curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket_change);
  curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
  curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timer_change);
  curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
  curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, 256L);
  loop->timer.handler = on_timer;
  loop->timer.data = loop;
  loop->timer.log = ngx_cycle->log;
  // What is open is held by the deadlines of exchanges; this may not keep a worker from its end.
  loop->timer.cancelable = 1;
  loop->later.handler = on_later;
  loop->later.data = loop;
  loop->later.log = ngx_cycle->log;
  return NGX_OK;
}

void tollgate_loop_stop(tollgate_loop* loop) {
  if (loop->multi == NULL) return;
  settle(loop);
  while (loop->idle_count > 0)
    curl_easy_cleanup(loop->idle[--loop->idle_count]);
  curl_multi_cleanup(loop->multi);
  loop->multi = NULL;
  if (loop->timer.timer_set) ngx_del_timer(&loop->timer);
}
