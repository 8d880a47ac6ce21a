// Upstreams that a test plays, above every dialect.

#include <algorithm>
#include <string>

#include "exchange/exchange.hpp"

namespace tollgate::exchange {

std::string_view Exchange::open_target() const {
  return attempt_ != nullptr ? std::string_view(target_name(*attempt_)) : std::string_view();
}

Status Exchange::serve_scripted(uint32_t attempt, const ScriptedAnswer& answer, Time now) {
  note_time(now);
  Attempt* open = open_attempt(attempt);
  if (open == nullptr || open->status != 0) return Status(Code::kState, "no such open attempt");
  open->status = 200;
  open->ended = true;
  if (answer.first_token_ns) {
    record_.timings.first_content =
        elapsed(start_.mono_ns, deadline_after(open->opened_ns(), *answer.first_token_ns));
  }
  if (answer.input_tokens || answer.output_tokens) {
    record_.usage.emplace();
    record_.usage->tokens.input = answer.input_tokens.value_or(0);
    record_.usage->tokens.output = answer.output_tokens.value_or(0);
  }
  step(Event::kUpstreamWhole);
  start_head(200);
  add_header("content-type", "application/json");
  answer_whole("{}", Event::kAnswerComplete);
  return Status();
}

/// Money of the budgets that options_.spent names; other limits are not spent in USD.
void Exchange::book_given_spend() {
  for (const auto& [budget, amount] : options_.spent) {
    for (size_t i = 0; i < money_.charges.charges.size(); ++i) {
      const ledger::Charge& charge = money_.charges.charges[i];
      const bool named = money_.charges.origins[i]->rule->id == budget;
      if (!named || charge.measure != Measure::kMoney) continue;
      const uint64_t counter = charge.hash ^ static_cast<uint64_t>(charge.period);
      if (std::find(money_.given.begin(), money_.given.end(), counter) != money_.given.end()) {
        continue;
      }
      money_.given.push_back(counter);
      static_cast<void>(environment_->ledger->adjust(charge, amount, "given by a test", now_));
    }
  }
}

}  // namespace tollgate::exchange
