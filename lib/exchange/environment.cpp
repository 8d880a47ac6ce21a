#include "exchange/environment.hpp"

#include <utility>

#include "base/rng.hpp"

namespace tollgate::exchange {
namespace {

// As many as may parse at the same moment; each that is kept holds several times its largest text.
constexpr size_t kIdleDocumentsMax = 8;
// A parser that has seen a 32 MB body holds many times that; such a one is not kept.
constexpr size_t kDocumentMemoryMax = 8 * 1024 * 1024;

}  // namespace

DocumentPool::Loan DocumentPool::borrow() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<json::Document> document = std::move(idle_.back());
      idle_.pop_back();
      return Loan(*this, std::move(document));
    }
  }
  return Loan(*this, std::make_unique<json::Document>());
}

void DocumentPool::give_back(std::unique_ptr<json::Document> document) noexcept {
  if (document == nullptr || document->memory() > kDocumentMemoryMax) return;
  try {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kIdleDocumentsMax) idle_.push_back(std::move(document));
  } catch (...) {
    // No memory to keep it: it is simply freed.
    document.reset();
  }
}

void AbandonedRecords::put(std::string record) {
  const std::lock_guard lock(mutex_);
  if (records_.size() >= limits::kAbandonedRecordsMax) {
    records_.pop_front();
    ++lost_;
  }
  records_.push_back(std::move(record));
}

bool AbandonedRecords::take(std::string& record) {
  const std::lock_guard lock(mutex_);
  if (records_.empty()) return false;
  record = std::move(records_.front());
  records_.pop_front();
  return true;
}

uint64_t AbandonedRecords::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

std::string Environment::metrics_text() const {
  std::string text = metrics.to_text(open_exchanges.load());
  const AlertBook::Counts counts = alerts.counts();
  text +=
      "# HELP tollgate_budget_alerts_total Notifications of budgets, by what became of them.\n"
      "# TYPE tollgate_budget_alerts_total counter\n";
  for (const auto& [outcome, count] :
       {std::pair{"delivered", counts.delivered}, std::pair{"retried", counts.retried},
        std::pair{"failed", counts.failed}, std::pair{"dropped", counts.dropped}}) {
    text += "tollgate_budget_alerts_total{outcome=\"" + std::string(outcome) + "\"} " +
            std::to_string(count) + "\n";
  }
  return text;
}

std::string Environment::make_id(std::string_view prefix) {
  static constexpr char kAlphabet[] =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const uint64_t number = next_number.fetch_add(1, std::memory_order_relaxed);
  Rng high(mix64(seed_high ^ number));
  Rng low(mix64(seed_low + 0x632be59bd9b4e019ULL * number));
  std::string id(prefix);
  id.reserve(prefix.size() + 22);
  for (int half = 0; half < 2; ++half) {
    uint64_t bits = half == 0 ? high.next() : low.next();
    for (int i = 0; i < 11; ++i) {
      id.push_back(kAlphabet[bits % 62]);
      bits /= 62;
    }
  }
  return id;
}

}  // namespace tollgate::exchange
