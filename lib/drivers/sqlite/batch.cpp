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

int64_t Store::counter_id(const Statement& row) {
  const std::string rule = row.text(2);
  const std::string entity = row.text(3);
  const std::string measure = row.text(4);
  const std::string period = row.text(5);
  const int64_t start = row.integer(6);
  find_counter_.bind(rule, entity, measure, period, start);
  if (find_counter_.step()) {
    const int64_t id = find_counter_.integer(0);
    find_counter_.reset();
    return id;
  }
  const int64_t end = row.is_null(7) ? kNoEnd : row.integer(7);
  add_counter_.bind(rule, entity, measure, period, start, end, row.integer(8)).step();
  const int64_t id = add_counter_.integer(0);
  add_counter_.run();
  return id;
}

std::vector<Entry> Store::read_entries(std::string_view batch) {
  std::vector<Entry> entries;
  entries_.bind(batch);
  while (entries_.step()) {
    Entry entry;
    entry.kind = entries_.text(0);
    entry.reservation = entries_.text(1);
    entry.counter = counter_id(entries_);
    entry.slots = entries_.text(4) == "slots";
    entry.slides_ms = entries_.integer(8);
    entry.wall_ms = entries_.integer(9);
    entry.amount = entries_.integer(10);
    entry.overrun = entries_.integer(11);
    if (!entries_.is_null(12)) entry.limit = entries_.integer(12);
    entry.note = entries_.text(13);
    entries.push_back(std::move(entry));
  }
  return entries;
}

/// How long until enough hits have left the sliding window.
int64_t Store::room_ms(const Told& told, int64_t slides_ms, int64_t wall_ms) {
  if (told.wanted == 0) return 0;
  hits_.bind(told.counter, wall_ms - slides_ms).step();
  int64_t used = hits_.integer(0);
  hits_.reset();
  list_hits_.bind(told.counter, wall_ms - slides_ms);
  int64_t room_at = 0;
  while (used > told.limit - told.wanted && list_hits_.step()) {
    used -= list_hits_.integer(1);
    room_at = list_hits_.integer(0) + slides_ms;
  }
  list_hits_.reset();
  return std::max<int64_t>(room_at - wall_ms, 0);
}

std::string Store::counter_text(const Told& told, int64_t wall_ms) {
  counter_.bind(told.counter).step();
  const int64_t slides_ms = counter_.integer(6);
  int64_t spent = counter_.integer(7) + counter_.integer(8);
  int64_t reserved = counter_.integer(9);
  if (slides_ms != 0) {
    others_hits_.bind(told.counter, wall_ms - slides_ms, self_).step();
    spent = others_hits_.integer(0);
    others_hits_.reset();
  } else if (share_.bind(told.counter, self_).step()) {
    spent -= share_.integer(0) + share_.integer(1);
    reserved -= share_.integer(2);
    share_.reset();
  }
  counter_json_
      .bind(counter_.text(0), counter_.text(1), counter_.text(2), counter_.text(3),
            counter_.integer(4), counter_.integer(5), std::max<int64_t>(spent, 0),
            std::max<int64_t>(reserved, 0), slides_ms == 0 ? 0 : room_ms(told, slides_ms, wall_ms))
      .step();
  std::string text = counter_json_.text(0);
  counter_json_.reset();
  counter_.reset();
  return text;
}

std::string Store::reply_text(const Head& head) {
  if (head.wants_counters) {
    std::vector<int64_t> live;
    live_counters_.bind(head.wall_ms);
    while (live_counters_.step())
      live.push_back(live_counters_.integer(0));
    for (const int64_t counter : live)
      tell(counter);
  }
  std::string reply = "{\"batch\":" + std::to_string(head.batch) + ",\"refused\":[";
  for (const std::string& one : refused_) {
    if (reply.back() != '[') reply += ',';
    reply += '"' + one + '"';
  }
  reply += "],\"counters\":[";
  for (const Told& told : told_) {
    if (reply.back() != '[') reply += ',';
    reply += counter_text(told, head.wall_ms);
  }
  return reply + "]}";
}

}  // namespace tollgate::sqlite_driver
