// Upstreams that a test plays, above every dialect.

#include <string>

#include "exchange/exchange.hpp"

namespace tollgate::exchange {

std::string_view Exchange::open_target() const {
  return attempt_ != nullptr ? std::string_view(target_name(*attempt_)) : std::string_view();
}

Status Exchange::serve_scripted(uint32_t attempt, Time now) {
  note_time(now);
  Attempt* open = open_attempt(attempt);
  if (open == nullptr || open->status != 0) return Status(Code::kState, "no such open attempt");
  open->status = 200;
  open->ended = true;
  step(Event::kUpstreamWhole);
  start_head(200);
  add_header("content-type", "application/json");
  answer_whole("{}", Event::kAnswerComplete);
  return Status();
}

}  // namespace tollgate::exchange
