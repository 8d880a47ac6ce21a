// The module as nginx sees it.

#include "module.h"

static ngx_http_module_t tollgate_context = {
    tollgate_add_variables,         // before the configuration is read
    NULL,                           //
    tollgate_create_main_conf,      //
    tollgate_init_main_conf,        //
    NULL,                           //
    NULL,                           //
    tollgate_create_location_conf,  //
    tollgate_merge_location_conf,
};

ngx_module_t ngx_http_tollgate_module = {
    NGX_MODULE_V1,
    &tollgate_context,
    tollgate_commands,
    NGX_HTTP_MODULE,
    NULL,
    NULL,
    tollgate_worker_start,  // in each worker, after the fork
    NULL,
    NULL,
    tollgate_worker_stop,
    NULL,
    NGX_MODULE_V1_PADDING,
};
