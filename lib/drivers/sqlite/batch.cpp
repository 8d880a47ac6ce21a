// The answer to a batch, as text: SQLite's own JSON functions write what needs escapes.

#include <algorithm>

#include "drivers/sqlite/store.hpp"

namespace tollgate::sqlite_driver {

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

std::string Store::reply_text(const BatchText& head) {
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
