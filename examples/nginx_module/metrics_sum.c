// Pages of Prometheus text are added up, series by series.
//
// Every metric of a gateway counts what happens in its process: counters, histograms (whose buckets
// are counters) and the one gauge, of exchanges that are open. So each value is a number that is
// not negative, and they all may be added.

#include "metrics.h"

enum { NANO_DIGITS = 9, VALUE_BYTES_MAX = 32 };
static const uint32_t kNano = 1000000000;

typedef struct {
  ngx_queue_t of_sum;
  ngx_str_t name;
  ngx_str_t help;  ///< The whole line.
  ngx_str_t type;  ///< The whole line.
  ngx_queue_t series;
  unsigned gauge : 1;
} family;

/// A number in decimal, exactly: money has nine digits after the point.
typedef struct {
  uint64_t whole;
  uint32_t nano;
} number;

typedef struct {
  ngx_str_node_t by_name;  ///< Its name and labels: a line up to its last space.
  ngx_queue_t of_family;
  number value;
} series;

void tollgate_sum_init(tollgate_sum* sum, ngx_pool_t* pool) {
  sum->pool = pool;
  sum->bytes = 0;
  ngx_queue_init(&sum->families);
  ngx_rbtree_init(&sum->series, &sum->sentinel, ngx_str_rbtree_insert_value);
}

static int same(const ngx_str_t* a, const ngx_str_t* b) {
  return a->len == b->len && ngx_memcmp(a->data, b->data, a->len) == 0;
}

static family* family_of(tollgate_sum* sum, const ngx_str_t* name) {
  for (ngx_queue_t* at = ngx_queue_head(&sum->families); at != ngx_queue_sentinel(&sum->families);
       at = ngx_queue_next(at)) {
    family* known = ngx_queue_data(at, family, of_sum);
    if (same(&known->name, name)) return known;
  }
  family* made = ngx_pcalloc(sum->pool, sizeof *made);
  if (made == NULL) return NULL;
  made->name = *name;
  ngx_queue_init(&made->series);
  ngx_queue_insert_tail(&sum->families, &made->of_sum);
  return made;
}

static int begins_with(const ngx_str_t* line, const char* start) {
  const size_t size = ngx_strlen(start);
  return line->len >= size && ngx_memcmp(line->data, start, size) == 0;
}

/// Reads "# HELP name …" or "# TYPE name …". 0 when memory is out.
static int read_head(tollgate_sum* sum, const ngx_str_t* line, family** current) {
  const int is_type = begins_with(line, "# TYPE ");
  if (!is_type && !begins_with(line, "# HELP ")) return 1;
  ngx_str_t name = {0, line->data + 7};
  while (7 + name.len < line->len && name.data[name.len] != ' ')
    ++name.len;
  *current = family_of(sum, &name);
  if (*current == NULL) return 0;
  ngx_str_t* kept = is_type ? &(*current)->type : &(*current)->help;
  if (kept->len != 0) return 1;
  *kept = *line;
  sum->bytes += line->len + 1;
  if (is_type) {
    const ngx_str_t kind = {line->len - 7 - name.len, name.data + name.len};
    const ngx_str_t gauge = ngx_string(" gauge");
    (*current)->gauge = same(&kind, &gauge) ? 1 : 0;
  }
  return 1;
}

/// 0 when it is not digits, perhaps with up to nine more after a point.
static int read_number(const ngx_str_t* text, number* value) {
  size_t at = 0;
  value->whole = 0;
  value->nano = 0;
  while (at < text->len && text->data[at] >= '0' && text->data[at] <= '9')
    value->whole = 10 * value->whole + (text->data[at++] - '0');
  if (at == 0) return 0;
  if (at == text->len) return 1;
  if (text->data[at++] != '.' || text->len - at > NANO_DIGITS) return 0;
  for (size_t digit = 0; digit < NANO_DIGITS; ++digit) {
    value->nano *= 10;
    if (at == text->len) continue;
    if (text->data[at] < '0' || text->data[at] > '9') return 0;
    value->nano += (uint32_t)(text->data[at++] - '0');
  }
  return 1;
}

static void add_number(number* to, const number* value) {
  to->whole += value->whole;
  to->nano += value->nano;
  if (to->nano < kNano) return;
  to->nano -= kNano;
  ++to->whole;
}

static u_char* write_number(u_char* out, const number* value) {
  out = ngx_sprintf(out, "%uL", value->whole);
  if (value->nano == 0) return out;
  out = ngx_sprintf(out, ".%09uD", value->nano);
  while (out[-1] == '0')
    --out;
  return out;
}

/// 0 when memory is out. A line that no gateway writes is left out.
static int add_line(tollgate_sum* sum, const ngx_str_t* line, family* of) {
  size_t space = line->len;
  while (space > 0 && line->data[space - 1] != ' ')
    --space;
  ngx_str_t name = {space > 0 ? space - 1 : 0, line->data};
  const ngx_str_t text = {line->len - space, line->data + space};
  number value;
  if (name.len == 0 || !read_number(&text, &value)) return 1;
  const uint32_t hash = ngx_crc32_long(name.data, name.len);
  series* found = (series*)(void*)ngx_str_rbtree_lookup(&sum->series, &name, hash);
  if (found == NULL) {
    found = ngx_pcalloc(sum->pool, sizeof *found);
    if (found == NULL) return 0;
    found->by_name.node.key = hash;
    found->by_name.str = name;
    ngx_rbtree_insert(&sum->series, &found->by_name.node);
    ngx_queue_insert_tail(&of->series, &found->of_family);
    sum->bytes += name.len + VALUE_BYTES_MAX + 2;
  }
  add_number(&found->value, &value);
  return 1;
}

ngx_int_t tollgate_sum_add(tollgate_sum* sum, const ngx_str_t* page, int what) {
  u_char* at = page->data;
  u_char* end = at + page->len;
  family* current = NULL;
  while (at < end) {
    u_char* line_end = ngx_strlchr(at, end, '\n');
    if (line_end == NULL) line_end = end;
    const ngx_str_t line = {(size_t)(line_end - at), at};
    if (line.len > 0 && line.data[0] == '#') {
      if (!read_head(sum, &line, &current)) return NGX_ERROR;
    } else if (current != NULL && (what == TOLLGATE_SUM_ALL || !current->gauge)) {
      if (!add_line(sum, &line, current)) return NGX_ERROR;
    }
    at = line_end + 1;
  }
  return NGX_OK;
}

static u_char* write_line(u_char* out, const ngx_str_t* line) {
  if (line->len == 0) return out;
  out = ngx_cpymem(out, line->data, line->len);
  *out++ = '\n';
  return out;
}

ngx_int_t tollgate_sum_write(tollgate_sum* sum, ngx_str_t* page) {
  page->data = ngx_palloc(sum->pool, sum->bytes + 1);
  if (page->data == NULL) return NGX_ERROR;
  u_char* out = page->data;
  for (ngx_queue_t* at = ngx_queue_head(&sum->families); at != ngx_queue_sentinel(&sum->families);
       at = ngx_queue_next(at)) {
    const family* of = ngx_queue_data(at, family, of_sum);
    out = write_line(write_line(out, &of->help), &of->type);
    for (ngx_queue_t* line = ngx_queue_head(&of->series); line != ngx_queue_sentinel(&of->series);
         line = ngx_queue_next(line)) {
      const series* one = ngx_queue_data(line, series, of_family);
      out = ngx_cpymem(out, one->by_name.str.data, one->by_name.str.len);
      *out++ = ' ';
      out = write_number(out, &one->value);
      *out++ = '\n';
    }
  }
  page->len = (size_t)(out - page->data);
  return NGX_OK;
}
