// The metrics of all workers, on one page. metrics.c says what becomes of which.

#pragma once

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "tollgate/gateway.h"

// ---- metrics_sum.c: pages of Prometheus text are added up

/// Families in the order in which they were first seen, and series within a family.
typedef struct {
  ngx_pool_t* pool;
  ngx_queue_t families;
  ngx_rbtree_t series;
  ngx_rbtree_node_t sentinel;
  size_t bytes;  ///< That the text may have at most.
} tollgate_sum;

enum { TOLLGATE_SUM_COUNTERS, TOLLGATE_SUM_ALL };

void tollgate_sum_init(tollgate_sum* sum, ngx_pool_t* pool);
/// Adds a page; its bytes are referred to until the sum is written. With TOLLGATE_SUM_COUNTERS the
/// gauges stay out: what is now, is not any more in a process that has ended.
ngx_int_t tollgate_sum_add(tollgate_sum* sum, const ngx_str_t* page, int what);
/// Writes the sum into its pool.
ngx_int_t tollgate_sum_write(tollgate_sum* sum, ngx_str_t* page);

// ---- metrics_zone.c: memory that workers share

typedef struct tollgate_slot tollgate_slot;

/// A zone for a configuration file. NULL with everything said in the log.
ngx_shm_zone_t* tollgate_zone_declare(ngx_conf_t* cf, const ngx_str_t* path, size_t bytes);
/// A slot for this process. Those of processes that died come to rest. NULL when memory is out.
tollgate_slot* tollgate_zone_join(ngx_shm_zone_t* zone);
/// Replaces the slot's page. Readers see the old one or the new one.
ngx_int_t tollgate_zone_publish(ngx_shm_zone_t* zone, tollgate_slot* slot, const ngx_str_t* page);
/// Adds the slot's counters to those of processes that have ended, and gives the slot back.
void tollgate_zone_leave(ngx_shm_zone_t* zone, tollgate_slot* slot);
/// Adds the pages of all others, of those that have ended too, copied into the sum's pool.
ngx_int_t tollgate_zone_add_others(ngx_shm_zone_t* zone, const tollgate_slot* own,
                                   tollgate_sum* sum);

// ---- metrics.c

/// What a gateway of a worker publishes.
typedef struct {
  const tg_gateway* gateway;
  ngx_shm_zone_t* zone;
  tollgate_slot* slot;  ///< NULL: there was no room for one.
  ngx_event_t timer;
  uint64_t calls_seen;
  ngx_uint_t quiet;  ///< Times in a row that nothing can have changed.
  unsigned was_busy : 1;
  unsigned full : 1;  ///< The last page found no room; it is said once.
} tollgate_metrics;

void tollgate_metrics_start(tollgate_metrics* metrics, const tg_gateway* gateway,
                            ngx_shm_zone_t* zone);
/// What the counters say from now on is the end of them.
void tollgate_metrics_stop(tollgate_metrics* metrics);
/// Whether this is what scrapers ask.
int tollgate_metrics_wanted(const ngx_http_request_t* r);
ngx_int_t tollgate_metrics_answer(ngx_http_request_t* r, tollgate_metrics* metrics);
