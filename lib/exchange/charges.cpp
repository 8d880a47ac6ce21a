#include "exchange/charges.hpp"

namespace tollgate::exchange {
namespace {

bool is_taken(Measure measure, Take take) {
  const bool once = measure == Measure::kRequests || measure == Measure::kSlots;
  return take == Take::kAll || (take == Take::kOnce) == once;
}

int64_t need_of(Measure measure, const Needs& needs, bool estimates) {
  const bool expected = estimates && needs.expected_nano_usd >= 0;
  switch (measure) {
    case Measure::kMoney:
      return expected ? needs.expected_nano_usd : needs.nano_usd;
    case Measure::kTokens:
      return expected ? needs.expected_tokens : needs.tokens;
    case Measure::kRequests:
    case Measure::kSlots:
      break;
  }
  return 1;
}

ledger::Force force_of(policy::Mode mode) {
  switch (mode) {
    case policy::Mode::kEnforce:
      return ledger::Force::kEnforce;
    case policy::Mode::kSoftEnforce:
      return ledger::Force::kSoft;
    case policy::Mode::kAudit:
      break;
  }
  return ledger::Force::kCount;
}

}  // namespace

bool ChargeList::any_estimate() const {
  for (const policy::Match* origin : origins) {
    if (origin->rule->estimates) return true;
  }
  return false;
}

bool ChargeList::any_strict_money() const {
  for (size_t i = 0; i < charges.size(); ++i) {
    const bool counts =
        charges[i].measure == Measure::kMoney && charges[i].force != ledger::Force::kCount;
    if (counts && !origins[i]->rule->estimates) return true;
  }
  return false;
}

void ChargeList::add(const policy::Matches& matches, Take take, const Needs& needs, Time now) {
  for (const policy::Match& match : matches.all) {
    for (const policy::Limit& limit : *match.limits) {
      if (!is_taken(limit.measure, take)) continue;
      ledger::Charge charge;
      charge.rule = match.rule->key;
      charge.entity = match.entity;
      charge.hash = ledger::charge_hash(match.rule->key_hash, match.entity_hash);
      charge.measure = limit.measure;
      charge.period = limit.measure == Measure::kSlots ? Period::kLifetime : limit.period;
      if (!ledger::slides(charge.measure, charge.period)) {
        charge.window = window_at(charge.period, now.wall_ms, match.rule->zone);
      }
      charge.limit = limit.amount;
      charge.need = need_of(limit.measure, needs, match.rule->estimates);
      charge.force = force_of(match.mode);
      charges.push_back(charge);
      origins.push_back(&match);
    }
  }
}

}  // namespace tollgate::exchange
