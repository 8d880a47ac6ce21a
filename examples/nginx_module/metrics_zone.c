// Memory that workers share: a slot for each, and one page of all that have ended.
//
// Counters never go back: what a worker has counted moves to the page of the ended, under the same
// lock, when it leaves, and a slot whose process died stays until the next worker finds it. A zone
// outlives reloads, so old workers and new ones are in it together.

#include <signal.h>

#include "metrics.h"
#include "module.h"

/// A page has two places, so that a process that is killed while it writes leaves the old one.
typedef struct {
  u_char* place[2];
  size_t room[2];
  size_t size[2];
  ngx_uint_t used;
} kept_page;

struct tollgate_slot {
  ngx_queue_t of_zone;
  ngx_pid_t pid;  ///< 0: it has ended, and there was no room to add it to the others.
  kept_page page;
};

/// At the begin of a zone.
typedef struct {
  ngx_queue_t slots;
  kept_page ended;
} shared;

static ngx_slab_pool_t* pool_of(ngx_shm_zone_t* zone) {
  return (ngx_slab_pool_t*)(void*)zone->shm.addr;
}

static shared* shared_of(ngx_shm_zone_t* zone) {
  return pool_of(zone)->data;
}

static ngx_int_t init_zone(ngx_shm_zone_t* zone, void* before) {
  zone->data = zone;  // Not NULL: how the next configuration sees that there was one.
  if (before != NULL) return NGX_OK;
  ngx_slab_pool_t* pool = pool_of(zone);
  shared* made = ngx_slab_calloc(pool, sizeof *made);
  if (made == NULL) return NGX_ERROR;
  ngx_queue_init(&made->slots);
  pool->data = made;
  pool->log_nomem = 0;
  return NGX_OK;
}

ngx_shm_zone_t* tollgate_zone_declare(ngx_conf_t* cf, const ngx_str_t* path, size_t bytes) {
  static const char prefix[] = "tollgate_metrics ";
  ngx_str_t name = {sizeof prefix - 1 + path->len, NULL};
  name.data = ngx_pnalloc(cf->pool, name.len);
  if (name.data == NULL) return NULL;
  ngx_memcpy(ngx_cpymem(name.data, prefix, sizeof prefix - 1), path->data, path->len);
  ngx_shm_zone_t* zone = ngx_shared_memory_add(cf, &name, bytes, &ngx_http_tollgate_module);
  if (zone != NULL) zone->init = init_zone;
  return zone;
}

static ngx_str_t text_of(const kept_page* page) {
  ngx_str_t text = {page->size[page->used], page->place[page->used]};
  return text;
}

static void free_place(ngx_slab_pool_t* pool, kept_page* page, ngx_uint_t which) {
  u_char* place = page->place[which];
  page->place[which] = NULL;
  page->room[which] = 0;
  if (place != NULL) ngx_slab_free_locked(pool, place);
}

/// Under the lock.
static ngx_int_t keep(ngx_slab_pool_t* pool, kept_page* page, const ngx_str_t* text) {
  const ngx_uint_t other = !page->used;
  if (page->room[other] < text->len) {
    const size_t room = text->len + text->len / 4;  // It grows a little at a time.
    free_place(pool, page, other);
    page->place[other] = ngx_slab_alloc_locked(pool, room);
    if (page->place[other] == NULL) return NGX_ERROR;
    page->room[other] = room;
  }
  ngx_memcpy(page->place[other], text->data, text->len);
  page->size[other] = text->len;
  ngx_memory_barrier();
  page->used = other;
  return NGX_OK;
}

/// Under the lock: the counters of a slot become a part of the ended's page, and the slot is gone.
static void retire(ngx_shm_zone_t* zone, tollgate_slot* slot) {
  ngx_slab_pool_t* pool = pool_of(zone);
  kept_page* ended = &shared_of(zone)->ended;
  const ngx_str_t texts[] = {text_of(ended), text_of(&slot->page)};
  ngx_str_t added;
  tollgate_sum sum;
  ngx_pool_t* memory = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);
  slot->pid = 0;
  if (memory == NULL) return;
  tollgate_sum_init(&sum, memory);
  if (tollgate_sum_add(&sum, &texts[0], TOLLGATE_SUM_COUNTERS) == NGX_OK &&
      tollgate_sum_add(&sum, &texts[1], TOLLGATE_SUM_COUNTERS) == NGX_OK &&
      tollgate_sum_write(&sum, &added) == NGX_OK && keep(pool, ended, &added) == NGX_OK) {
    ngx_queue_remove(&slot->of_zone);
    free_place(pool, &slot->page, 0);
    free_place(pool, &slot->page, 1);
    ngx_slab_free_locked(pool, slot);
  }
  ngx_destroy_pool(memory);
}

tollgate_slot* tollgate_zone_join(ngx_shm_zone_t* zone) {
  ngx_slab_pool_t* pool = pool_of(zone);
  ngx_queue_t* slots = &shared_of(zone)->slots;
  ngx_shmtx_lock(&pool->mutex);
  for (ngx_queue_t* at = ngx_queue_head(slots); at != ngx_queue_sentinel(slots);) {
    tollgate_slot* slot = ngx_queue_data(at, tollgate_slot, of_zone);
    at = ngx_queue_next(at);
    // A number may have come to another program; such a slot still counts, and waits.
    if (slot->pid == 0 || slot->pid == ngx_pid || (kill(slot->pid, 0) != 0 && ngx_errno == ESRCH))
      retire(zone, slot);
  }
  tollgate_slot* made = ngx_slab_calloc_locked(pool, sizeof *made);
  if (made != NULL) {
    made->pid = ngx_pid;
    ngx_queue_insert_tail(slots, &made->of_zone);
  }
  ngx_shmtx_unlock(&pool->mutex);
  return made;
}

ngx_int_t tollgate_zone_publish(ngx_shm_zone_t* zone, tollgate_slot* slot, const ngx_str_t* page) {
  ngx_slab_pool_t* pool = pool_of(zone);
  ngx_shmtx_lock(&pool->mutex);
  const ngx_int_t kept = keep(pool, &slot->page, page);
  ngx_shmtx_unlock(&pool->mutex);
  return kept;
}

void tollgate_zone_leave(ngx_shm_zone_t* zone, tollgate_slot* slot) {
  ngx_shmtx_lock(&pool_of(zone)->mutex);
  retire(zone, slot);
  ngx_shmtx_unlock(&pool_of(zone)->mutex);
}

/// A page that was copied out of the zone.
typedef struct {
  ngx_str_t text;
  int what;
} copied_page;

/// Under the lock.
static ngx_int_t copy(ngx_array_t* copies, const kept_page* page, int what) {
  const ngx_str_t text = text_of(page);
  copied_page* made = ngx_array_push(copies);
  if (made == NULL) return NGX_ERROR;
  made->what = what;
  made->text.len = text.len;
  made->text.data = ngx_pnalloc(copies->pool, text.len + 1);
  if (made->text.data == NULL) return NGX_ERROR;
  if (text.len > 0) ngx_memcpy(made->text.data, text.data, text.len);
  return NGX_OK;
}

ngx_int_t tollgate_zone_add_others(ngx_shm_zone_t* zone, const tollgate_slot* own,
                                   tollgate_sum* sum) {
  shared* all = shared_of(zone);
  ngx_array_t copies;
  if (ngx_array_init(&copies, sum->pool, 16, sizeof(copied_page)) != NGX_OK) return NGX_ERROR;
  // All at once, because a worker that leaves moves its counters; the sum is made outside.
  ngx_shmtx_lock(&pool_of(zone)->mutex);
  ngx_int_t done = copy(&copies, &all->ended, TOLLGATE_SUM_COUNTERS);
  for (ngx_queue_t* at = ngx_queue_head(&all->slots);
       done == NGX_OK && at != ngx_queue_sentinel(&all->slots); at = ngx_queue_next(at)) {
    const tollgate_slot* slot = ngx_queue_data(at, tollgate_slot, of_zone);
    if (slot == own) continue;
    done = copy(&copies, &slot->page, slot->pid == 0 ? TOLLGATE_SUM_COUNTERS : TOLLGATE_SUM_ALL);
  }
  ngx_shmtx_unlock(&pool_of(zone)->mutex);
  const copied_page* pages = copies.elts;
  for (ngx_uint_t i = 0; done == NGX_OK && i < copies.nelts; ++i)
    done = tollgate_sum_add(sum, &pages[i].text, pages[i].what);
  return done;
}
