#include "drivers/sqlite/store.hpp"

#include <algorithm>
#include <stdexcept>

#include "drivers/sqlite/process.hpp"
#include "drivers/sqlite/schema.hpp"
#include "drivers/sqlite/transaction.hpp"

namespace tollgate::sqlite_driver {
namespace {

constexpr int kBusyMs = 5'000;
// Counters and entries are kept for reports about this long after their window.
constexpr int64_t kKeptMs = int64_t{400} * 24 * 3600 * 1000;
// A running instance writes every five seconds.
constexpr int64_t kSilentMs = 30'000;
constexpr int64_t kRecoverEveryMs = 5'000;
// More than ever wait for a slow upstream; the file has them all the same.
constexpr size_t kHoldsKeptMax = 100'000;

sqlite3* open_file(const std::string& path) {
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
  if (code == SQLITE_OK) return opened;
  const std::string what = opened == nullptr ? "out of memory" : sqlite3_errmsg(opened);
  sqlite3_close_v2(opened);
  throw Failure(what, code);
}

/// SQLite does not wait for others by itself where a file changes its way of writing, as a new one
/// does that several processes open at the same moment. To be called before SQLite is told to wait:
/// the two waits would multiply.
void write_ahead(sqlite3* database) {
  constexpr int kRestMs = 5;
  for (int waited_ms = 0;; waited_ms += kRestMs) {
    try {
      execute(database, "PRAGMA journal_mode=WAL");
      return;
    } catch (const Failure& failure) {
      const bool busy = (failure.code & 0xff) == SQLITE_BUSY;
      if (!busy || waited_ms >= kBusyMs) throw;
    }
    sqlite3_sleep(kRestMs);
  }
}

}  // namespace

Store::Store(const std::string& path, bool survives_power_loss, int64_t wall_ms)
    : database_(open_file(path)) {
  sqlite3_extended_result_codes(database_.get(), 1);
  write_ahead(database_.get());
  sqlite3_busy_timeout(database_.get(), kBusyMs);
  execute(database_.get(),
          survives_power_loss ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
  prepare_schema(database_.get());
  prepare_statements();
  counters_ = Counters(database_.get());
  Transaction transaction(database_.get());
  recover_dead(wall_ms);
  forget_old(wall_ms);
  transaction.commit();
}

void Store::prepare_statements() {
  const auto prepare = [this](const char* sql) { return Statement(database_.get(), sql); };
  find_instance_ = prepare("SELECT id, batch, reply FROM instance WHERE name=?1");
  add_instance_ = prepare(
      "INSERT INTO instance(name, batch, reply, seen_ms, process) VALUES(?1, ?2, '', ?3, ?4)"
      " RETURNING id");
  save_instance_ = prepare("UPDATE instance SET batch=?2, reply=?3, seen_ms=?4 WHERE id=?1");
  counter_json_ = prepare(
      "SELECT json_object('rule', ?1, 'entity', ?2, 'measure', ?3, 'period', ?4, 'start', ?5,"
      " 'end', ?6)");
  live_counters_ = prepare("SELECT id FROM counter WHERE end_ms>?1 AND slides_ms=0 LIMIT 100000");
  find_holds_ =
      prepare("SELECT counter, amount, wall_ms FROM hold WHERE instance=?1 AND reservation=?2");
  add_hold_ = prepare("INSERT INTO hold VALUES(?1, ?2, ?3, ?4, ?5)");
  drop_hold_ = prepare("DELETE FROM hold WHERE instance=?1 AND reservation=?2 AND counter=?3");
  drop_holds_ = prepare("DELETE FROM hold WHERE instance=?1 AND reservation=?2");
  add_entry_ = prepare(
      "INSERT INTO entry(instance, kind, reservation, counter, wall_ms, amount, overrun, note)"
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
}

/// Makes this batch's writer known. False when the batch was applied before: reply_ has its answer.
bool Store::enter(const BatchText& head) {
  self_name_ = head.instance;
  is_new_ = false;
  find_instance_.bind(head.instance);
  if (!find_instance_.step()) {
    const std::string process = this_process();
    add_instance_.bind(head.instance, head.batch - 1, head.wall_ms, process);
    add_instance_.step();
    self_ = add_instance_.integer(0);
    add_instance_.run();
    is_new_ = true;
    return true;
  }
  self_ = find_instance_.integer(0);
  const int64_t last = find_instance_.integer(1);
  if (head.batch == last) reply_ = find_instance_.text(2);
  find_instance_.reset();
  if (head.batch == last) return false;
  if (head.batch < last) throw std::invalid_argument("a batch older than the last one");
  return true;
}

const std::string& Store::apply(std::string_view batch) {
  refused_.clear();
  told_.clear();
  const BatchText head = read_batch(batch);
  Transaction transaction(database_.get());
  if (!enter(head)) {
    transaction.commit();
    return reply_;
  }
  if (!counters_.begin(self_) || holds_.size() > kHoldsKeptMax) {
    holds_.clear();
    // Who has just come holds nothing that is not seen from here on.
    knows_all_holds_ = is_new_;
  }
  std::vector<Entry> entries;
  entries.reserve(head.entries.size());
  for (const BatchEntry& text : head.entries)
    entries.push_back({&text, &counters_.find(text.counter)});
  for (size_t at = 0; at < entries.size();) {
    const BatchEntry& first = *entries[at].text;
    size_t end = at + 1;
    while (end < entries.size() && entries[end].text->kind == first.kind &&
           entries[end].text->reservation == first.reservation)
      ++end;
    apply(&entries[at], entries.data() + end, head.wall_ms);
    at = end;
  }
  counters_.flush();
  recover_dead(head.wall_ms);
  std::string reply = reply_text(head);
  save_instance_.bind(self_, head.batch, reply, head.wall_ms).run();
  transaction.commit();
  counters_.committed();
  reply_ = std::move(reply);
  return reply_;
}

/// Entries of one kind and reservation.
void Store::apply(const Entry* begin, const Entry* end, int64_t wall_ms) {
  const BatchEntry& first = *begin->text;
  if (first.kind == "adjust") {
    for (const Entry* entry = begin; entry != end; ++entry)
      adjust(*entry);
  } else if (first.kind != "reserve") {
    resolve(begin, end);
  } else if (!reserve(begin, end, wall_ms)) {
    refused_.push_back(first.reservation);
  }
}

void Store::log(const Entry& entry) {
  const BatchEntry& text = *entry.text;
  add_entry_
      .bind(self_name_, text.kind, text.reservation, entry.counter->id, text.wall_ms, text.amount,
            text.overrun, text.note)
      .run();
}

void Store::tell(Counter& counter, int64_t wanted, int64_t limit) {
  if (!counter.told) {
    counter.told = true;
    counter.wanted = 0;
    told_.push_back(&counter);
  }
  if (wanted > counter.wanted) {
    counter.wanted = wanted;
    counter.limit = limit;
  }
}

bool Store::fits(const Entry& entry, int64_t wall_ms) {
  Counter& counter = *entry.counter;
  const bool slides = counter.name.slides_ms != 0;
  const int64_t used = slides ? counters_.slide(counter, wall_ms)
                              : counter.all.settled + counter.all.overrun + counter.all.reserved;
  if (entry.text->limit == INT64_MAX || entry.text->amount <= entry.text->limit - used) return true;
  tell(counter, entry.text->amount, entry.text->limit);
  return false;
}

/// All entries of one reservation, or none.
bool Store::reserve(const Entry* begin, const Entry* end, int64_t wall_ms) {
  bool room = true;
  for (const Entry* entry = begin; entry != end; ++entry) {
    tell(*entry->counter);
    room = fits(*entry, wall_ms) && room;
  }
  if (!room) return false;
  std::vector<Hold>& holds = holds_of(begin->text->reservation);
  for (const Entry* entry = begin; entry != end; ++entry) {
    Counter& counter = *entry->counter;
    holds.push_back({counter.id, entry->text->amount, entry->text->wall_ms});
    add_hold_
        .bind(self_, entry->text->reservation, counter.id, entry->text->amount,
              entry->text->wall_ms)
        .run();
    if (counter.name.slides_ms != 0) {
      counters_.add_hit(counter, entry->text->wall_ms, entry->text->reservation,
                        entry->text->amount);
    } else {
      counters_.add(counter, 0, 0, entry->text->amount);
    }
  }
  return true;
}

/// What this batch's writer holds open under that name, which is read from the file once.
std::vector<Hold>& Store::holds_of(const std::string& reservation) {
  const auto [found, missing] = holds_.try_emplace(reservation);
  std::vector<Hold>& holds = found->second;
  if (!missing || knows_all_holds_) return holds;
  find_holds_.bind(self_, reservation);
  while (find_holds_.step())
    holds.push_back({find_holds_.integer(0), find_holds_.integer(1), find_holds_.integer(2)});
  return holds;
}

/// A reservation that is not open here was refused, or booked in full when its process was taken
/// for dead: what it says now comes too late.
void Store::resolve(const Entry* begin, const Entry* end) {
  const std::string& reservation = begin->text->reservation;
  std::vector<Hold>& holds = holds_of(reservation);
  std::vector<int64_t> resolved;
  for (const Entry* entry = begin; entry != end; ++entry) {
    Counter& counter = *entry->counter;
    tell(counter);
    const auto same = [&](const Hold& hold) { return hold.counter == counter.id; };
    const auto held = std::find_if(holds.begin(), holds.end(), same);
    if (held == holds.end()) continue;
    book(*entry, *held);
    holds.erase(held);
    resolved.push_back(counter.id);
  }
  if (holds.empty()) {
    if (!resolved.empty()) drop_holds_.bind(self_, reservation).run();
    holds_.erase(reservation);
    return;
  }
  for (const int64_t counter : resolved)
    drop_hold_.bind(self_, reservation, counter).run();
}

void Store::book(const Entry& entry, const Hold& held) {
  Counter& counter = *entry.counter;
  if (counter.name.slides_ms != 0) {
    counters_.set_hit(counter, held.since_ms, entry.text->reservation, held.amount,
                      entry.text->amount);
    return;
  }
  if (counter.name.measure == "slots") {
    counters_.add(counter, 0, 0, -held.amount);
    return;
  }
  counters_.add(counter, entry.text->amount, entry.text->overrun, -held.amount);
  if (entry.text->kind != "release") log(entry);
}

void Store::adjust(const Entry& entry) {
  tell(*entry.counter);
  counters_.add(*entry.counter, entry.text->amount, entry.text->overrun, 0);
  log(entry);
}

/// Instances that no longer run: all that they held open counts in full.
void Store::recover_dead(int64_t wall_ms) {
  if (wall_ms < recovered_ms_ + kRecoverEveryMs && wall_ms >= recovered_ms_) return;
  recovered_ms_ = wall_ms;
  struct Dead {
    int64_t id;
    std::string name;
  };
  std::vector<Dead> dead;
  Statement all(database_.get(), "SELECT id, name, seen_ms, process FROM instance WHERE id<>?1");
  all.bind(self_);
  while (all.step()) {
    const Life life = life_of(all.text(3));
    const bool silent = all.integer(2) < wall_ms - kSilentMs;
    if (life == Life::kGone || (life == Life::kUnknown && silent)) {
      dead.push_back({all.integer(0), all.text(1)});
    }
  }
  for (const Dead& one : dead)
    recover(one.id, one.name, wall_ms);
  if (!dead.empty()) counters_.reload();
}

void Store::recover(int64_t instance, const std::string& name, int64_t wall_ms) {
  Statement log_holds(
      database_.get(),
      "INSERT INTO entry(instance, kind, reservation, counter, wall_ms, amount, overrun, note)"
      " SELECT ?1, 'recover', reservation, counter, ?2, amount, 0, '' FROM hold"
      " JOIN counter ON counter.id=counter WHERE instance=?3 AND slides_ms=0 AND measure<>'slots'");
  log_holds.bind(name, wall_ms, instance).run();
  Statement book(database_.get(),
                 "UPDATE counter SET settled=settled+iif(measure='slots', 0, held.amount),"
                 " reserved=reserved-held.amount FROM (SELECT counter AS id, sum(hold.amount) AS"
                 " amount FROM hold JOIN counter c ON c.id=counter WHERE instance=?1 AND"
                 " c.slides_ms=0 GROUP BY counter) AS held WHERE counter.id=held.id");
  book.bind(instance).run();
  // What is left of it is nobody's: the sums of the counters are what counts from now on.
  for (const char* sql :
       {"DELETE FROM hold WHERE instance=?1", "DELETE FROM share WHERE instance=?1",
        "DELETE FROM instance WHERE id=?1"})
    Statement(database_.get(), sql).bind(instance).run();
}

/// Entries stand in the order of their times, as far as clocks go forward: an index of the times
/// would cost more with every entry than it saves here.
void Store::forget_old(int64_t wall_ms) {
  const int64_t before = wall_ms - kKeptMs;
  for (const char* sql :
       {"DELETE FROM entry WHERE sequence<coalesce((SELECT sequence FROM entry WHERE wall_ms>=?1"
        " ORDER BY sequence LIMIT 1), 9223372036854775807)",
        "DELETE FROM share WHERE counter IN (SELECT id FROM counter WHERE end_ms<?1)",
        "DELETE FROM counter WHERE end_ms<?1 AND NOT EXISTS (SELECT 1 FROM hold WHERE"
        " hold.counter=counter.id)"})
    Statement(database_.get(), sql).bind(before).run();
}

}  // namespace tollgate::sqlite_driver
