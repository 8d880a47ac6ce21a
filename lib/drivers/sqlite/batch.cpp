// The batch as rows, and the answer as text: SQLite's own JSON functions read and write both.

#include <algorithm>

#include "drivers/sqlite/store.hpp"

namespace tollgate::sqlite_driver {
namespace {

// What a reader of the file sees of windows without an end, and of counters without a window.
constexpr int64_t kNoEnd = INT64_MAX;

}  // namespace

Store::Head Store::read_head(std::string_view batch) {
  try {
    head_.bind(batch).step();
  } catch (const Failure&) {
    throw std::invalid_argument("the batch is not JSON");
  }
  Head head{head_.text(0), head_.integer(1), head_.integer(2), head_.integer(3) != 0};
  head_.reset();
  if (head.instance.empty() || head.batch <= 0) {
    throw std::invalid_argument("the batch has no instance or number");
  }
  return head;
}

std::vector<Entry> Store::read_entries(std::string_view batch) {
  std::vector<Entry> entries;
  entries_.bind(batch);
  while (entries_.step()) {
    Entry entry;
    entry.kind = entries_.text(0);
    entry.reservation = entries_.text(1);
    entry.counter =
        &counters_.find({entries_.text(2), entries_.text(3), entries_.text(4), entries_.text(5),
                         entries_.integer(6), entries_.is_null(7) ? kNoEnd : entries_.integer(7),
                         entries_.integer(8)});
    entry.wall_ms = entries_.integer(9);
    entry.amount = entries_.integer(10);
    entry.overrun = entries_.integer(11);
    if (!entries_.is_null(12)) entry.limit = entries_.integer(12);
    entry.note = entries_.text(13);
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string Store::counter_text(Counter& counter, int64_t wall_ms) {
  if (counter.text.empty()) {
    const CounterName& name = counter.name;
    counter_json_
        .bind(name.rule, name.entity, name.measure, name.period, name.start_ms, name.end_ms)
        .step();
    counter.text = counter_json_.text(0);
    counter.text.pop_back();  // What changes follows.
    counter_json_.reset();
  }
  int64_t spent =
      counter.all.settled + counter.all.overrun - counter.own.settled - counter.own.overrun;
  const int64_t reserved = counter.all.reserved - counter.own.reserved;
  int64_t room_ms = 0;
  if (counter.name.slides_ms != 0) {
    counters_.slide(counter, wall_ms);
    spent = counter.others_hits;
    room_ms = counters_.room_ms(counter, wall_ms);
  }
  return counter.text + ",\"spent\":" + std::to_string(std::max<int64_t>(spent, 0)) +
         ",\"reserved\":" + std::to_string(std::max<int64_t>(reserved, 0)) +
         ",\"room_ms\":" + std::to_string(room_ms) + '}';
}

std::string Store::reply_text(const Head& head) {
  if (head.wants_counters) {
    std::vector<int64_t> live;
    live_counters_.bind(head.wall_ms);
    while (live_counters_.step())
      live.push_back(live_counters_.integer(0));
    for (const int64_t id : live)
      tell(counters_.find(id));
  }
  std::string reply = "{\"batch\":" + std::to_string(head.batch) + ",\"refused\":[";
  for (const std::string& one : refused_) {
    if (reply.back() != '[') reply += ',';
    reply += '"' + one + '"';
  }
  reply += "],\"counters\":[";
  for (Counter* counter : told_) {
    if (reply.back() != '[') reply += ',';
    reply += counter_text(*counter, head.wall_ms);
    counter->told = false;
    counter->wanted = 0;
  }
  return reply + "]}";
}

}  // namespace tollgate::sqlite_driver
