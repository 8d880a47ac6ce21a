// Records: a line of a file, and variables for nginx's own log.

#include "module.h"

/// Variables, and where their values stand in a record.
static const struct {
  const char* name;
  const char* object;  ///< NULL: at the top.
  const char* member;
} kVariables[] = {
    {"tollgate_request_id", NULL, "request_id"},
    {"tollgate_principal", NULL, "principal"},
    {"tollgate_model", NULL, "model"},
    {"tollgate_target", NULL, "target"},
    {"tollgate_outcome", NULL, "outcome"},
    {"tollgate_cost_nano_usd", NULL, "cost_nano_usd"},
    {"tollgate_input_tokens", "usage", "input_tokens"},
    {"tollgate_cache_read_tokens", "usage", "cache_read_input_tokens"},
    {"tollgate_output_tokens", "usage", "output_tokens"},
};

/// The end of the JSON text that begins with a quotation mark.
static const u_char* end_of_text(const u_char* at, const u_char* end) {
  for (++at; at < end && *at != '"'; ++at) {
    if (*at == '\\') ++at;
  }
  return at < end ? at + 1 : end;
}

/// The end of any JSON value. The library wrote it, so it is valid.
static const u_char* end_of_value(const u_char* at, const u_char* end) {
  size_t depth = 0;
  while (at < end) {
    if (*at == '"') {
      at = end_of_text(at, end);
      if (depth == 0) return at;
      continue;
    }
    if (*at == '{' || *at == '[') ++depth;
    if (*at == '}' || *at == ']') {
      if (depth == 0) return at;
      if (--depth == 0) return at + 1;
    }
    if (*at == ',' && depth == 0) return at;
    ++at;
  }
  return end;
}

/// The value of an object's member, as it is written there; empty when there is none.
static tg_bytes member_of(tg_bytes object, const char* name) {
  const size_t size = ngx_strlen(name);
  const u_char* end = object.data + object.size;
  const u_char* at = object.data;
  while (at < end) {
    if (*at != '"') {  // The brace, a comma.
      ++at;
      continue;
    }
    const u_char* key = at + 1;
    at = end_of_text(at, end);
    const int found = (size_t)(at - 1 - key) == size && ngx_memcmp(key, name, size) == 0;
    if (at < end) ++at;  // The colon.
    const u_char* value = at;
    at = end_of_value(at, end);
    if (found) return tollgate_bytes(value, (size_t)(at - value));
  }
  return tollgate_bytes(NULL, 0);
}

static ngx_int_t get_variable(ngx_http_request_t* r, ngx_http_variable_value_t* value,
                              uintptr_t index) {
  const tollgate_request* kept = ngx_http_get_module_ctx(r, ngx_http_tollgate_module);
  value->not_found = 1;
  if (kept == NULL || kept->record.size == 0) return NGX_OK;
  tg_bytes found = kept->record;
  if (kVariables[index].object != NULL) found = member_of(found, kVariables[index].object);
  found = member_of(found, kVariables[index].member);
  if (found.size >= 2 && *found.data == '"') {
    ++found.data;
    found.size -= 2;
  } else if (found.size == 4 && ngx_memcmp(found.data, "null", 4) == 0) {
    found.size = 0;
  }
  if (found.size == 0) return NGX_OK;
  value->not_found = 0;
  value->valid = 1;
  value->no_cacheable = 1;
  value->data = (u_char*)found.data;
  value->len = found.size & 0xFFFFFFF;
  return NGX_OK;
}

ngx_int_t tollgate_add_variables(ngx_conf_t* cf) {
  for (ngx_uint_t i = 0; i < sizeof kVariables / sizeof *kVariables; ++i) {
    ngx_str_t name = {ngx_strlen(kVariables[i].name), (u_char*)kVariables[i].name};
    ngx_http_variable_t* made = ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_NOCACHEABLE);
    if (made == NULL) return NGX_ERROR;
    made->get_handler = get_variable;
    made->data = i;
  }
  return NGX_OK;
}

void tollgate_keep_record(ngx_http_request_t* r, tg_bytes record) {
  tollgate_request* kept = ngx_http_get_module_ctx(r, ngx_http_tollgate_module);
  if (kept == NULL) return;
  u_char* copy = ngx_pnalloc(r->pool, record.size);
  if (copy == NULL) return;
  ngx_memcpy(copy, record.data, record.size);
  kept->record = tollgate_bytes(copy, record.size);
}

void tollgate_write_record(tg_bytes record) {
  const ngx_open_file_t* file = tollgate_this_worker.records;
  if (file == NULL || file->fd == NGX_INVALID_FILE) return;
  // One write a line: the lines of several workers do not mix.
  struct iovec parts[2] = {{(void*)record.data, record.size}, {"\n", 1}};
  if (writev(file->fd, parts, 2) != (ssize_t)record.size + 1) {
    ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, ngx_errno, "a record was not written to \"%V\"",
                  &file->name);
  }
}
