#include "drivers/sqlite/counters.hpp"

#include <algorithm>

namespace tollgate::sqlite_driver {
namespace {

// More than a batch can name: what is not used for long goes with all others.
constexpr size_t kKeptMax = 20'000;

std::string key_of(const CounterName& name) {
  std::string key;
  key.reserve(name.rule.size() + name.entity.size() + 48);
  for (const std::string* part : {&name.rule, &name.entity, &name.measure, &name.period}) {
    key += *part;
    key += '\n';
  }
  key += std::to_string(name.start_ms);
  return key;
}

}  // namespace

Counters::Counters(sqlite3* database) {
  const auto prepare = [database](const char* sql) { return Statement(database, sql); };
  data_version_ = prepare("PRAGMA data_version");
  find_id_ = prepare(
      "SELECT id FROM counter WHERE rule=?1 AND entity=?2 AND measure=?3 AND period=?4"
      " AND start_ms=?5");
  add_ = prepare(
      "INSERT INTO counter(rule, entity, measure, period, start_ms, end_ms, slides_ms)"
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id");
  name_ = prepare(
      "SELECT rule, entity, measure, period, start_ms, end_ms, slides_ms FROM counter"
      " WHERE id=?1");
  sums_ = prepare("SELECT end_ms, slides_ms, settled, overrun, reserved FROM counter WHERE id=?1");
  share_ = prepare("SELECT settled, overrun, reserved FROM share WHERE counter=?1 AND instance=?2");
  save_ = prepare("UPDATE counter SET settled=?2, overrun=?3, reserved=?4 WHERE id=?1");
  save_share_ = prepare("INSERT OR REPLACE INTO share VALUES(?1, ?2, ?3, ?4, ?5)");
  hits_ = prepare(
      "SELECT coalesce(sum(amount), 0), coalesce(sum(amount) FILTER (WHERE instance<>?3), 0)"
      " FROM hit WHERE counter=?1 AND wall_ms>?2");
  left_ = prepare(
      "SELECT count(*), coalesce(sum(amount), 0),"
      " coalesce(sum(amount) FILTER (WHERE instance<>?4), 0)"
      " FROM hit WHERE counter=?1 AND wall_ms>?2 AND wall_ms<=?3");
  drop_hits_ = prepare("DELETE FROM hit WHERE counter=?1 AND wall_ms<=?2");
  list_hits_ =
      prepare("SELECT wall_ms, amount FROM hit WHERE counter=?1 AND wall_ms>?2 ORDER BY wall_ms");
  add_hit_ = prepare("INSERT INTO hit VALUES(?1, ?2, ?3, ?4, ?5)");
  set_hit_ = prepare(
      "UPDATE hit SET amount=?5 WHERE counter=?1 AND wall_ms=?2 AND instance=?3 AND"
      " reservation=?4");
}

bool Counters::begin(int64_t instance) {
  data_version_.bind().step();
  const int64_t version = data_version_.integer(0);
  data_version_.reset();
  const bool keeps = sound_ && version == version_ && instance == instance_;
  if (!keeps || by_name_.size() > kKeptMax) by_name_.clear();
  changed_.clear();
  version_ = version;
  instance_ = instance;
  sound_ = false;
  return keeps;
}

void Counters::reload() {
  for (const auto& [key, counter] : by_name_) {
    load(*counter);
    counter->slid = false;
  }
}

void Counters::flush() {
  for (Counter* counter : changed_) {
    save_.bind(counter->id, counter->all.settled, counter->all.overrun, counter->all.reserved)
        .run();
    save_share_
        .bind(counter->id, instance_, counter->own.settled, counter->own.overrun,
              counter->own.reserved)
        .run();
    counter->changed = false;
  }
  changed_.clear();
}

Counter& Counters::find(const CounterName& name) {
  const std::string key = key_of(name);
  const auto known = by_name_.find(key);
  if (known != by_name_.end()) return *known->second;
  find_id_.bind(name.rule, name.entity, name.measure, name.period, name.start_ms);
  int64_t id = 0;
  if (find_id_.step()) {
    id = find_id_.integer(0);
    find_id_.reset();
  } else {
    add_.bind(name.rule, name.entity, name.measure, name.period, name.start_ms, name.end_ms,
              name.slides_ms)
        .step();
    id = add_.integer(0);
    add_.run();
  }
  return keep(key, id, name);
}

Counter& Counters::find(int64_t id) {
  name_.bind(id).step();
  const CounterName name{name_.text(0),    name_.text(1),    name_.text(2),   name_.text(3),
                         name_.integer(4), name_.integer(5), name_.integer(6)};
  name_.reset();
  const std::string key = key_of(name);
  const auto known = by_name_.find(key);
  return known != by_name_.end() ? *known->second : keep(key, id, name);
}

Counter& Counters::keep(const std::string& key, int64_t id, const CounterName& name) {
  auto counter = std::make_unique<Counter>();
  counter->id = id;
  counter->name = name;
  load(*counter);
  return *by_name_.emplace(key, std::move(counter)).first->second;
}

void Counters::load(Counter& counter) {
  sums_.bind(counter.id).step();
  counter.name.end_ms = sums_.integer(0);
  counter.name.slides_ms = sums_.integer(1);
  counter.all = {sums_.integer(2), sums_.integer(3), sums_.integer(4)};
  sums_.reset();
  counter.own = {};
  if (share_.bind(counter.id, instance_).step()) {
    counter.own = {share_.integer(0), share_.integer(1), share_.integer(2)};
    share_.reset();
  }
}

void Counters::add(Counter& counter, int64_t settled, int64_t overrun, int64_t reserved) {
  counter.all.settled = std::max<int64_t>(counter.all.settled + settled, 0);
  counter.all.overrun = std::max<int64_t>(counter.all.overrun + overrun, 0);
  counter.all.reserved += reserved;
  counter.own.settled += settled;
  counter.own.overrun += overrun;
  counter.own.reserved += reserved;
  if (counter.changed) return;
  counter.changed = true;
  changed_.push_back(&counter);
}

int64_t Counters::slide(Counter& counter, int64_t wall_ms) {
  const int64_t floor_ms = wall_ms - counter.name.slides_ms;
  if (!counter.slid || floor_ms < counter.floor_ms) {
    hits_.bind(counter.id, floor_ms, instance_).step();
    counter.hits = hits_.integer(0);
    counter.others_hits = hits_.integer(1);
    hits_.reset();
    drop_hits_.bind(counter.id, floor_ms).run();
  } else if (floor_ms > counter.floor_ms) {
    left_.bind(counter.id, counter.floor_ms, floor_ms, instance_).step();
    const bool some_left = left_.integer(0) > 0;
    counter.hits -= left_.integer(1);
    counter.others_hits -= left_.integer(2);
    left_.reset();
    if (some_left) drop_hits_.bind(counter.id, floor_ms).run();
  }
  counter.slid = true;
  counter.floor_ms = floor_ms;
  return counter.hits;
}

void Counters::add_hit(Counter& counter, int64_t wall_ms, std::string_view reservation,
                       int64_t amount) {
  add_hit_.bind(counter.id, wall_ms, instance_, reservation, amount).run();
  if (counter.slid && wall_ms > counter.floor_ms) counter.hits += amount;
}

void Counters::set_hit(Counter& counter, int64_t wall_ms, std::string_view reservation,
                       int64_t from, int64_t to) {
  set_hit_.bind(counter.id, wall_ms, instance_, reservation, to).run();
  if (counter.slid && wall_ms > counter.floor_ms) counter.hits += to - from;
}

int64_t Counters::room_ms(Counter& counter, int64_t wall_ms) {
  if (counter.wanted == 0) return 0;
  int64_t used = slide(counter, wall_ms);
  list_hits_.bind(counter.id, counter.floor_ms);
  int64_t room_at = 0;
  while (used > counter.limit - counter.wanted && list_hits_.step()) {
    used -= list_hits_.integer(1);
    room_at = list_hits_.integer(0) + counter.name.slides_ms;
  }
  list_hits_.reset();
  return std::max<int64_t>(room_at - wall_ms, 0);
}

}  // namespace tollgate::sqlite_driver
