#include "gateway/journal_keeper.hpp"

#include <algorithm>
#include <utility>

namespace tollgate::gateway {
namespace {

constexpr size_t kBatchEntries = 4'096;
// A store takes an instance for dead that has been silent for much longer.
constexpr uint64_t kHeartbeatNs = 5 * kSecond;
// Settlements wake nobody: while reservations are open they are looked for this often, and requests
// too where the host gave no wake.
constexpr uint64_t kFlushNs = 50 * kMillisecond;
constexpr uint64_t kFirstRetryNs = 100 * kMillisecond;
constexpr uint64_t kRetriesDoubled = 5;

}  // namespace

JournalKeeper::~JournalKeeper() {
  if (!text_.empty()) environment_->ledger->journal().put_back(std::move(batch_));
}

Status JournalKeeper::start(Time now) {
  if (started_) return Status(Code::kState, "the journal is kept already");
  environment_->ledger->journal().enable();
  instance_ = environment_->make_id("");
  last_sent_ns_ = now.mono_ns;
  started_ = true;
  return {};
}

std::string_view JournalKeeper::next(Time now) {
  if (!started_ || given_ || now.mono_ns < again_ns_) return {};
  if (text_.empty()) {
    ledger::Journal& journal = environment_->ledger->journal();
    const bool silent = now.mono_ns >= deadline_after(last_sent_ns_, kHeartbeatNs);
    if (told_all_ && !silent && !journal.pending()) return {};
    batch_ = journal.take(kBatchEntries);
    ++number_;
    text_ = ledger::batch_text({instance_, number_, now.wall_ms, !told_all_}, batch_);
  }
  given_ = true;
  last_sent_ns_ = now.mono_ns;
  return text_;
}

uint64_t JournalKeeper::deadline_ns(Time now) const {
  if (!started_ || given_) return kNoDeadline;
  if (again_ns_ > now.mono_ns) return again_ns_;
  const uint64_t heartbeat = deadline_after(last_sent_ns_, kHeartbeatNs);
  // Where nobody can be woken, a request that has come meanwhile is looked for as well.
  const bool can_wake = environment_->waker.wake != nullptr;
  if (can_wake && environment_->ledger->open_reservations() == 0) return heartbeat;
  return std::min(heartbeat, deadline_after(now.mono_ns, kFlushNs));
}

Status JournalKeeper::done(std::string_view reply, Time now) {
  if (!given_) return Status(Code::kState, "no batch is under way");
  Status status = apply(reply, now);
  if (!status.ok()) {
    (void)failed(now);
    return status;
  }
  given_ = false;
  told_all_ = true;
  failures_ = 0;
  again_ns_ = 0;
  text_.clear();
  const std::vector<uint64_t> tokens = environment_->ledger->journal().acknowledge(batch_);
  batch_ = {};
  for (const uint64_t token : tokens)
    environment_->waker(token);
  return {};
}

/// What others have is noted before the refusals: who was refused looks at it at once.
Status JournalKeeper::apply(std::string_view reply, Time now) {
  const Result<ledger::StoreReply> read = ledger::read_reply(document_, reply, number_);
  if (!read.ok()) return read.status();
  for (const ledger::Outside& counter : read.value().counters) {
    // A counter that finds no room is only not known in advance: the store refuses by itself.
    (void)environment_->ledger->note_outside(counter, now);
  }
  for (const uint64_t reservation : read.value().refused)
    environment_->ledger->refuse(reservation, now);
  return {};
}

Status JournalKeeper::failed(Time now) {
  if (!given_) return Status(Code::kState, "no batch is under way");
  given_ = false;
  const uint64_t doubled = std::min(failures_++, kRetriesDoubled);
  again_ns_ = deadline_after(now.mono_ns, kFirstRetryNs << doubled);
  return {};
}

}  // namespace tollgate::gateway
