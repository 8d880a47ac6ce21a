#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tollgate/action.h"

#include "config/policy_cases.hpp"
#include "exchange/exchange.hpp"

namespace tollgate::gateway {

/// A host with a clock of its own whose upstreams do what a script says: for policy tests. It
/// drives one exchange to its end, or until an upstream is at work on it.
class ScriptedHost {
 public:
  ScriptedHost(std::unique_ptr<exchange::Exchange> exchange,
               const std::vector<config::ScriptedTarget>& script, Time now);

  /// Feeds the request and goes on until the exchange is done; or, where it is to be
  /// `left_running`, until it has called an upstream, which then never answers.
  Status run(const std::vector<std::pair<std::string, std::string>>& headers, std::string_view path,
             std::string_view body, bool left_running = false);

  const exchange::Exchange& exchange() const { return *exchange_; }
  const std::string& answer() const { return answer_; }
  Time now() const { return now_; }

 private:
  Status take(const tg_action& action);
  Status call(uint32_t attempt);
  Status play(uint32_t attempt, const config::ScriptedOutcome& outcome);
  Status serve(uint32_t attempt, const config::ScriptedOutcome& outcome);
  Status answer_error(uint32_t attempt, const config::ScriptedOutcome& outcome);
  Status answer_auxiliary(uint32_t call);
  Status wait(uint64_t deadline_ns);
  void pass_until(uint64_t mono_ns);

  /// An answer that takes its time.
  struct Serving {
    uint32_t attempt = 0;
    uint64_t at_ns = 0;
    exchange::ScriptedAnswer answer;
  };

  std::unique_ptr<exchange::Exchange> exchange_;
  const std::vector<config::ScriptedTarget>& script_;
  std::unordered_map<std::string, size_t> played_;  ///< Calls by target.
  Time now_;
  std::string answer_;
  std::optional<Serving> serving_;
  bool left_running_ = false;
  bool done_ = false;
};

}  // namespace tollgate::gateway
