// Configuration files: read and checked by the master, which may read what workers may not.
//
// The master also answers everything the text refers to, and keeps the answers. So workers need
// neither the files of secrets nor an environment (nginx empties theirs), `nginx -t` finds every
// error, and a reload reads everything again.

#include "module.h"

enum { FILE_BYTES_MAX = 16 * 1024 * 1024 };

/// Reads a whole file into the pool. The error number, or 0.
static ngx_err_t read_file(ngx_pool_t* pool, const char* path, ngx_str_t* text) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ngx_errno;
  struct stat about;
  ngx_err_t failed = fstat(fd, &about) != 0 ? ngx_errno : 0;
  if (failed == 0 && !S_ISREG(about.st_mode)) failed = EINVAL;
  if (failed == 0 && about.st_size > FILE_BYTES_MAX) failed = EFBIG;
  text->len = 0;
  text->data = failed == 0 ? ngx_pnalloc(pool, (size_t)about.st_size + 1) : NULL;
  if (failed == 0 && text->data == NULL) failed = ENOMEM;
  while (failed == 0 && text->len < (size_t)about.st_size) {
    const ssize_t got = read(fd, text->data + text->len, (size_t)about.st_size - text->len);
    if (got < 0 && ngx_errno != EINTR) failed = ngx_errno;
    if (got == 0) break;
    if (got > 0) text->len += (size_t)got;
  }
  close(fd);
  return failed;
}

static tollgate_value* find_value(tollgate_source* source, int32_t kind, tg_bytes name) {
  tollgate_value* values = source->values.elts;
  for (ngx_uint_t i = 0; i < source->values.nelts; ++i) {
    if (values[i].kind == kind && values[i].name.len == name.size &&
        ngx_memcmp(values[i].name.data, name.data, name.size) == 0) {
      return &values[i];
    }
  }
  return NULL;
}

int32_t tollgate_source_look_up(int32_t kind, tg_bytes name, tg_bytes* value, void* user) {
  const tollgate_value* found = find_value(user, kind, name);
  if (found == NULL) return 0;
  *value = tollgate_bytes(found->value.data, found->value.len);
  return 1;
}

/// What the master looks up with: finds the value out, and keeps it.
typedef struct {
  tollgate_source* source;
  ngx_conf_t* cf;
} reader;

static int find_out(const reader* in, int32_t kind, char* name, ngx_str_t* value) {
  if (kind == TG_REFERENCE_ENV) {
    const char* text = getenv(name);
    if (text == NULL) return 0;
    value->len = ngx_strlen(text);
    value->data = ngx_pnalloc(in->cf->pool, value->len + 1);
    if (value->data != NULL) ngx_memcpy(value->data, text, value->len);
    return value->data != NULL;
  }
  ngx_str_t path = {ngx_strlen(name), (u_char*)name};
  if (ngx_conf_full_name(in->cf->cycle, &path, 1) != NGX_OK) return 0;
  if (read_file(in->cf->pool, (char*)path.data, value) != 0) return 0;
  if (value->len > 0 && value->data[value->len - 1] == '\n') --value->len;
  if (value->len > 0 && value->data[value->len - 1] == '\r') --value->len;
  return 1;
}

static int32_t look_up_and_keep(int32_t kind, tg_bytes name, tg_bytes* value, void* user) {
  reader* in = user;
  tollgate_value* found = find_value(in->source, kind, name);
  if (found == NULL) {
    tollgate_value made = {kind, {name.size, ngx_pnalloc(in->cf->pool, name.size + 1)}, {0, NULL}};
    if (made.name.data == NULL) return 0;
    ngx_cpystrn(made.name.data, (u_char*)name.data, name.size + 1);
    if (!find_out(in, kind, (char*)made.name.data, &made.value)) return 0;
    found = ngx_array_push(&in->source->values);
    if (found == NULL) return 0;
    *found = made;
  }
  *value = tollgate_bytes(found->value.data, found->value.len);
  return 1;
}

/// The configuration's errors go to nginx's log, a line each.
static void log_lines(ngx_conf_t* cf, tg_bytes lines) {
  const u_char* at = lines.data;
  const u_char* end = at + lines.size;
  while (at < end) {
    const u_char* line_end = ngx_strlchr((u_char*)at, (u_char*)end, '\n');
    if (line_end == NULL) line_end = end;
    ngx_str_t line = {(size_t)(line_end - at), (u_char*)at};
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "%V", &line);
    at = line_end + 1;
  }
}

/// Makes a gateway of the text as the workers will, and throws it away.
static ngx_int_t check(ngx_conf_t* cf, tollgate_source* source) {
  reader in = {source, cf};
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  options.config_name = tollgate_bytes(source->path.data, source->path.len);
  options.lookup = look_up_and_keep;
  options.lookup_user = &in;
  tg_gateway* gateway = NULL;
  tg_error* error = NULL;
  const tg_status status = tg_gateway_create(tollgate_bytes(source->text.data, source->text.len),
                                             &options, tollgate_now(), &gateway, &error);
  if (status != TG_OK) log_lines(cf, tg_error_message(error));
  tg_error_free(error);
  tg_gateway_free(gateway);
  return status == TG_OK ? NGX_OK : NGX_ERROR;
}

tollgate_source* tollgate_source_read(ngx_conf_t* cf, ngx_str_t* path) {
  tollgate_source* source = ngx_pcalloc(cf->pool, sizeof *source);
  if (source == NULL ||
      ngx_array_init(&source->values, cf->pool, 8, sizeof(tollgate_value)) != NGX_OK) {
    return NULL;
  }
  source->path = *path;
  const ngx_err_t failed = read_file(cf->pool, (char*)path->data, &source->text);
  if (failed != 0) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, failed, "\"%V\" cannot be read", path);
    return NULL;
  }
  return check(cf, source) == NGX_OK ? source : NULL;
}
