// One attempt at an upstream: a TG_ACTION_UPSTREAM_OPEN on its way through libcurl.

#include "module.h"

/// libcurl sends a smaller body together with its head, when it lies in one piece. Its buffer for
/// what it receives is a stream's as long as it lives, and events are small.
enum { COPIED_BODY_MAX = 64 * 1024 - 1, CONNECT_TIMEOUT_MS = 10000, RECEIVE_BYTES = 4096 };

/// Headers about one connection are not passed on to another.
static int is_framing(tg_bytes name) {
  static const char* const kFraming[] = {
      "connection", "content-length",    "expect",          "keep-alive", "te", "trailer",
      "upgrade",    "transfer-encoding", "proxy-connection"};
  for (size_t i = 0; i < sizeof kFraming / sizeof *kFraming; ++i) {
    if (ngx_strlen(kFraming[i]) == name.size &&
        ngx_strncasecmp((u_char*)kFraming[i], (u_char*)name.data, name.size) == 0) {
      return 1;
    }
  }
  return 0;
}

static int is_https(tg_bytes url) {
  return url.size > 5 && ngx_strncasecmp((u_char*)url.data, (u_char*)"https", 5) == 0;
}

/// Adds a field, or (without a value) takes away what libcurl would add by itself.
static int add_field(tollgate_transfer* transfer, const char* line) {
  struct curl_slist* longer = curl_slist_append(transfer->fields, line);
  if (longer == NULL) return 0;
  transfer->fields = longer;
  return 1;
}

static int add_fields(tollgate_transfer* transfer, const tg_action* action) {
  for (uint32_t i = 0; i < action->header_count; ++i) {
    const tg_bytes name = action->headers[2 * (size_t)i];
    const tg_bytes value = action->headers[2 * (size_t)i + 1];
    if (is_framing(name)) continue;
    char* line = ngx_alloc(name.size + value.size + 3, ngx_cycle->log);
    if (line == NULL) return 0;
    u_char* end = ngx_cpymem(line, name.data, name.size);
    // A semicolon is libcurl's way to say that the value is empty.
    end = value.size == 0 ? ngx_cpymem(end, ";", 1) : ngx_cpymem(end, ": ", 2);
    if (value.size > 0) end = ngx_cpymem(end, value.data, value.size);
    *end = '\0';
    const int added = add_field(transfer, line);
    ngx_free(line);
    if (!added) return 0;
  }
  // Waiting for "100 Continue" costs a second with a server that does not know it.
  return add_field(transfer, "Expect:");
}

static int set_text(tollgate_transfer* transfer, CURLoption option, tg_bytes text) {
  char* copy = ngx_alloc(text.size + 1, ngx_cycle->log);
  if (copy == NULL) return 0;
  if (text.size > 0) ngx_memcpy(copy, text.data, text.size);
  copy[text.size] = '\0';
  const CURLcode code = curl_easy_setopt(transfer->easy, option, copy);
  ngx_free(copy);
  return code == CURLE_OK;
}

static size_t read_body(char* buffer, size_t size, size_t count, void* user) {
  tollgate_transfer* transfer = user;
  if (transfer->caller == NULL) return CURL_READFUNC_ABORT;
  const size_t room = size * count;
  size_t filled = 0;
  while (filled < room && transfer->span < transfer->span_count) {
    const tg_bytes* span = &transfer->spans[transfer->span];
    const size_t piece = ngx_min(span->size - transfer->span_offset, room - filled);
    if (piece > 0) ngx_memcpy(buffer + filled, span->data + transfer->span_offset, piece);
    filled += piece;
    transfer->span_offset += piece;
    if (transfer->span_offset == span->size) {
      ++transfer->span;
      transfer->span_offset = 0;
    }
  }
  return filled;
}

/// libcurl begins again when the connection it had kept turns out to be dead.
static int rewind_body(void* user, curl_off_t offset, int origin) {
  tollgate_transfer* transfer = user;
  if (origin != SEEK_SET || offset != 0) return CURL_SEEKFUNC_CANTSEEK;
  transfer->span = 0;
  transfer->span_offset = 0;
  return CURL_SEEKFUNC_OK;
}

static int set_body(tollgate_transfer* transfer, const tg_action* action) {
  transfer->spans = action->body_spans;  // Valid until the attempt has ended.
  transfer->span_count = action->body_span_count;
  transfer->body_size = action->body_size;
  if (action->body_size == 0) return 1;
  const void* whole = NULL;
  if (action->body_span_count == 1) {
    whole = action->body_spans[0].data;
  } else if (action->body_size <= COPIED_BODY_MAX) {
    transfer->copy = ngx_alloc((size_t)action->body_size, ngx_cycle->log);
    if (transfer->copy == NULL) return 0;
    read_body((char*)transfer->copy, 1, (size_t)action->body_size, transfer);
    rewind_body(transfer, 0, SEEK_SET);
    whole = transfer->copy;
  }
  CURL* easy = transfer->easy;
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, whole);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)action->body_size);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_body);
  curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, rewind_body);
  curl_easy_setopt(easy, CURLOPT_SEEKDATA, transfer);
  return 1;
}

/// Sockets close on exec: nginx's binary upgrade must not hand them on.
static curl_socket_t open_socket(void* user, curlsocktype purpose, struct curl_sockaddr* address) {
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static curl_socket_t open_public(void* user, curlsocktype purpose, struct curl_sockaddr* address) {
  tollgate_transfer* transfer = user;
  if (tollgate_address_is_private(&address->addr)) {
    transfer->failure = TG_FAILURE_DENIED;
    return CURL_SOCKET_BAD;
  }
  return open_socket(user, purpose, address);
}

static void feed_head(tollgate_transfer* transfer, uint32_t status) {
  curl_off_t uploaded = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
  if ((uint64_t)uploaded >= transfer->body_size && !transfer->sent) {
    // The whole body has gone out: neither the library nor this has to keep it.
    transfer->sent = 1;
    ngx_free(transfer->copy);
    transfer->copy = NULL;
    if (transfer->caller->exchange != NULL) {
      tg_exchange_upstream_sent(transfer->caller->exchange, transfer->attempt, tollgate_now(),
                                NULL);
    }
  }
  tg_bytes pairs[2 * TOLLGATE_PAIRS_MAX];
  uint32_t count = 0;
  struct curl_header* field = NULL;
  while (count < TOLLGATE_PAIRS_MAX &&
         (field = curl_easy_nextheader(transfer->easy, CURLH_HEADER, -1, field)) != NULL) {
    pairs[2 * count] = tollgate_bytes((u_char*)field->name, ngx_strlen(field->name));
    pairs[2 * count + 1] = tollgate_bytes((u_char*)field->value, ngx_strlen(field->value));
    ++count;
  }
  transfer->answered = 1;
  tollgate_caller_head(transfer->caller, transfer->attempt, status, pairs, count);
  transfer->caller->advance(transfer->caller);
}

static size_t on_header(char* data, size_t size, size_t count, void* user) {
  tollgate_transfer* transfer = user;
  if (transfer->caller == NULL) return 0;
  const int blank = size * count <= 2 && (data[0] == '\r' || data[0] == '\n');
  if (!blank || transfer->answered) return size * count;
  long status = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
  // The true head is still to come after one of 1xx.
  if (status >= 200) feed_head(transfer, (uint32_t)status);
  // Cancelled meanwhile: libcurl must not read any more of a body that is gone.
  return transfer->caller == NULL ? 0 : size * count;
}

static size_t on_body(char* data, size_t size, size_t count, void* user) {
  tollgate_transfer* transfer = user;
  tollgate_caller* caller = transfer->caller;
  if (caller == NULL) return 0;
  if (caller->blocked) return CURL_WRITEFUNC_PAUSE;
  tollgate_caller_body(caller, transfer->attempt, tollgate_bytes((u_char*)data, size * count));
  caller->advance(caller);
  return transfer->caller == NULL ? 0 : size * count;
}

static int set_options(tollgate_transfer* transfer, const tg_action* action) {
  CURL* easy = transfer->easy;
  curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BYTES);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  // Over clear text HTTP/2 would only make concurrent requests wait for each other.
  curl_easy_setopt(
      easy, CURLOPT_HTTP_VERSION,
      is_https(action->url) ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  // With a folder of certificates set, libcurl reads them all for every connection.
  curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
  const long verified = (action->flags & TG_FLAG_TLS_UNVERIFIED) == 0;
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verified);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2 * verified);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
  // Behind a proxy the address is the proxy's, which the configuration chose.
  const int deny = (action->flags & TG_FLAG_DENY_PRIVATE) != 0 && action->proxy.size == 0;
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, deny ? open_public : open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
  if (action->ca_file.size > 0 && !set_text(transfer, CURLOPT_CAINFO, action->ca_file)) return 0;
  if (action->client_cert_file.size > 0 &&
      !set_text(transfer, CURLOPT_SSLCERT, action->client_cert_file)) {
    return 0;
  }
  if (action->client_key_file.size > 0 &&
      !set_text(transfer, CURLOPT_SSLKEY, action->client_key_file)) {
    return 0;
  }
  // An empty proxy is none, whatever the environment says.
  return set_text(transfer, CURLOPT_PROXY, action->proxy) && set_body(transfer, action) &&
         set_text(transfer, CURLOPT_URL, action->url) &&
         set_text(transfer, CURLOPT_CUSTOMREQUEST, action->method) &&
         add_fields(transfer, action) &&
         curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->fields) == CURLE_OK;
}

void tollgate_transfer_open(tollgate_caller* caller, const tg_action* action) {
  tollgate_transfer* transfer = ngx_calloc(sizeof *transfer, ngx_cycle->log);
  if (transfer == NULL) {
    tollgate_caller_failed(caller, action->upstream, TG_FAILURE_HOST, "Out of memory");
    return;
  }
  transfer->caller = caller;
  transfer->attempt = action->upstream;
  ngx_queue_insert_tail(&caller->transfers, &transfer->of_caller);
  transfer->easy = tollgate_loop_take_handle(&tollgate_this_worker.loop);
  const int usable = transfer->easy != NULL && set_options(transfer, action);
  tollgate_loop_ask(transfer, usable ? TOLLGATE_TODO_ADD : TOLLGATE_TODO_FAIL);
}

static void detach(tollgate_transfer* transfer) {
  if (transfer->caller == NULL) return;
  ngx_queue_remove(&transfer->of_caller);
  transfer->caller = NULL;
}

void tollgate_transfer_cancel(tollgate_caller* caller, uint32_t attempt) {
  ngx_queue_t* at = ngx_queue_head(&caller->transfers);
  while (at != ngx_queue_sentinel(&caller->transfers)) {
    tollgate_transfer* transfer = ngx_queue_data(at, tollgate_transfer, of_caller);
    at = ngx_queue_next(at);
    if (attempt != 0 && transfer->attempt != attempt) continue;
    detach(transfer);
    tollgate_loop_ask(transfer, TOLLGATE_TODO_FREE);
  }
}

void tollgate_transfer_resume_all(tollgate_caller* caller) {
  for (ngx_queue_t* at = ngx_queue_head(&caller->transfers);
       at != ngx_queue_sentinel(&caller->transfers); at = ngx_queue_next(at)) {
    tollgate_loop_ask(ngx_queue_data(at, tollgate_transfer, of_caller), TOLLGATE_TODO_RESUME);
  }
}

static int32_t failure_of(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return TG_FAILURE_RESOLVE;
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:  // The only limit set is that for connecting.
      return TG_FAILURE_CONNECT;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
      return TG_FAILURE_PROXY;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
      return TG_FAILURE_TLS;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return TG_FAILURE_PROTOCOL;
    case CURLE_FAILED_INIT:
    case CURLE_OUT_OF_MEMORY:
      return TG_FAILURE_HOST;
    default:
      return TG_FAILURE_RESET;
  }
}

void tollgate_transfer_finish(tollgate_transfer* transfer, CURLcode code) {
  tollgate_caller* caller = transfer->caller;
  const uint32_t attempt = transfer->attempt;
  const int32_t known = transfer->failure;
  const int answered = transfer->answered;
  detach(transfer);
  tollgate_transfer_free(transfer);
  if (caller == NULL) return;
  if (code == CURLE_OK && answered) {
    tollgate_caller_end(caller, attempt);
  } else if (code == CURLE_OK) {
    tollgate_caller_failed(caller, attempt, TG_FAILURE_PROTOCOL, "The answer has no head");
  } else {
    tollgate_caller_failed(
        caller, attempt, known != 0 ? known : failure_of(code),
        known == TG_FAILURE_DENIED ? "The address is private" : curl_easy_strerror(code));
  }
  caller->advance(caller);
}

void tollgate_transfer_free(tollgate_transfer* transfer) {
  if (transfer->todo != 0) {
    ngx_queue_remove(&transfer->of_loop);
  }
  if (transfer->added) curl_multi_remove_handle(tollgate_this_worker.loop.multi, transfer->easy);
  tollgate_loop_give_handle(&tollgate_this_worker.loop, transfer->easy);
  curl_slist_free_all(transfer->fields);
  ngx_free(transfer->copy);
  ngx_free(transfer);
}
