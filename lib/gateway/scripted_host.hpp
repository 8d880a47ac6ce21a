#pragma once

#include <cstdint>
#include <memory>
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
/// drives one exchange to its end.
class ScriptedHost {
 public:
  ScriptedHost(std::unique_ptr<exchange::Exchange> exchange,
               const std::vector<config::ScriptedTarget>& script, Time now);

  /// Feeds the request and goes on until the exchange is done.
  Status run(const std::vector<std::pair<std::string, std::string>>& headers,
             std::string_view body);

  const exchange::Exchange& exchange() const { return *exchange_; }
  const std::string& answer() const { return answer_; }

 private:
  Status take(const tg_action& action);
  Status call(uint32_t attempt);
  Status play(uint32_t attempt, const config::ScriptedOutcome& outcome);
  Status answer_error(uint32_t attempt, const config::ScriptedOutcome& outcome);
  Status answer_auxiliary(uint32_t call);
  void pass_until(uint64_t mono_ns);

  std::unique_ptr<exchange::Exchange> exchange_;
  const std::vector<config::ScriptedTarget>& script_;
  std::unordered_map<std::string, size_t> played_;  ///< Calls by target.
  Time now_;
  std::string answer_;
  bool done_ = false;
};

}  // namespace tollgate::gateway
