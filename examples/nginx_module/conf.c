// The directives.

#include "module.h"

/// What is not written to takes no memory.
enum { METRICS_BYTES = 32 * 1024 * 1024, METRICS_BYTES_MIN = 64 * 1024 };

/// One source for a path, however often it is named.
static tollgate_source* source_of(ngx_conf_t* cf, ngx_str_t* path) {
  tollgate_main_conf* main = ngx_http_conf_get_module_main_conf(cf, ngx_http_tollgate_module);
  tollgate_source** known = main->sources.elts;
  for (ngx_uint_t i = 0; i < main->sources.nelts; ++i) {
    if (known[i]->path.len == path->len &&
        ngx_memcmp(known[i]->path.data, path->data, path->len) == 0) {
      return known[i];
    }
  }
  tollgate_source* source = tollgate_source_read(cf, path);
  if (source == NULL) return NULL;
  source->index = main->sources.nelts;
  tollgate_source** place = ngx_array_push(&main->sources);
  if (place == NULL) return NULL;
  *place = source;
  return source;
}

static char* set_config(ngx_conf_t* cf, ngx_command_t* command, void* conf) {
  tollgate_location_conf* location = conf;
  if (location->source != NULL) return "is duplicate";
  ngx_str_t path = ((ngx_str_t*)cf->args->elts)[1];
  if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) return NGX_CONF_ERROR;
  location->source = source_of(cf, &path);
  return location->source == NULL ? NGX_CONF_ERROR : NGX_CONF_OK;
}

static char* set_enabled(ngx_conf_t* cf, ngx_command_t* command, void* conf) {
  tollgate_location_conf* location = conf;
  if (location->enabled) return "is duplicate";
  location->enabled = 1;
  ngx_http_core_loc_conf_t* core = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
  core->handler = tollgate_handler;
  return NGX_CONF_OK;
}

static char* set_records(ngx_conf_t* cf, ngx_command_t* command, void* conf) {
  tollgate_main_conf* main = conf;
  if (main->records != NULL) return "is duplicate";
  // One of nginx's own files: USR1 opens it again, as the logs.
  main->records = ngx_conf_open_file(cf->cycle, &((ngx_str_t*)cf->args->elts)[1]);
  return main->records == NULL ? NGX_CONF_ERROR : NGX_CONF_OK;
}

static char* set_state(ngx_conf_t* cf, ngx_command_t* command, void* conf) {
  tollgate_main_conf* main = conf;
  if (main->state.len != 0) return "is duplicate";
  const ngx_str_t* words = cf->args->elts;
  main->state = words[1];
  main->durability = TG_SQLITE_POWER_LOSS;
  if (cf->args->nelts == 3) {
    if (ngx_strcmp(words[2].data, "durability=process_crash") == 0) {
      main->durability = TG_SQLITE_PROCESS;
    } else if (ngx_strcmp(words[2].data, "durability=power_loss") != 0) {
      return "takes durability=process_crash or durability=power_loss";
    }
  }
  if (main->state.len > 6 && ngx_strncmp(main->state.data, "redis:", 6) == 0) return NGX_CONF_OK;
  return ngx_conf_full_name(cf->cycle, &main->state, 0) == NGX_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
}

ngx_command_t tollgate_commands[] = {
    {ngx_string("tollgate_config"),
     NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF | NGX_CONF_TAKE1, set_config,
     NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},
    {ngx_string("tollgate"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, set_enabled,
     NGX_HTTP_LOC_CONF_OFFSET, 0, NULL},
    {ngx_string("tollgate_records"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, set_records,
     NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL},
    {ngx_string("tollgate_state"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE12, set_state,
     NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL},
    {ngx_string("tollgate_metrics_size"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1,
     ngx_conf_set_size_slot, NGX_HTTP_MAIN_CONF_OFFSET, offsetof(tollgate_main_conf, metrics_bytes),
     NULL},
    ngx_null_command,
};

void* tollgate_create_main_conf(ngx_conf_t* cf) {
  tollgate_main_conf* main = ngx_pcalloc(cf->pool, sizeof *main);
  if (main == NULL ||
      ngx_array_init(&main->sources, cf->pool, 4, sizeof(tollgate_source*)) != NGX_OK)
    return NULL;
  main->metrics_bytes = NGX_CONF_UNSET_SIZE;
  return main;
}

char* tollgate_init_main_conf(ngx_conf_t* cf, void* conf) {
  tollgate_main_conf* main = conf;
  tollgate_source** sources = main->sources.elts;
  ngx_conf_init_size_value(main->metrics_bytes, METRICS_BYTES);
  if (main->metrics_bytes < METRICS_BYTES_MIN) return "tollgate_metrics_size is below 64k";
  for (ngx_uint_t i = 0; i < main->sources.nelts; ++i) {
    sources[i]->metrics = tollgate_zone_declare(cf, &sources[i]->path, main->metrics_bytes);
    if (sources[i]->metrics == NULL) return NGX_CONF_ERROR;
  }
  return NGX_CONF_OK;
}

void* tollgate_create_location_conf(ngx_conf_t* cf) {
  return ngx_pcalloc(cf->pool, sizeof(tollgate_location_conf));
}

char* tollgate_merge_location_conf(ngx_conf_t* cf, void* parent, void* child) {
  tollgate_location_conf* outer = parent;
  tollgate_location_conf* inner = child;
  if (inner->source == NULL) inner->source = outer->source;
  if (inner->enabled && inner->source == NULL) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"tollgate\" needs a \"tollgate_config\"");
    return NGX_CONF_ERROR;
  }
  return NGX_CONF_OK;
}
