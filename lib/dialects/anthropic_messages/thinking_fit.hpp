#pragma once

#include <string>

#include "dialects/dialect.hpp"
#include "model/request.hpp"

namespace tollgate::dialects::anthropic_messages {

/// True for thinking of another upstream, which this dialect's own servers refuse.
bool is_foreign_thinking(const model::Block& block);

/// How thinking is asked for.
struct FittedThinking {
  model::Thinking thinking;
  std::string effort;
  bool context_management = true;  ///< Whether that member may be sent.
};

/// The client's wish as this model and this conversation allow it; notes what had to change.
///  - Clients of other dialects ask for adaptive thinking, which older models do not know: these
///    get a budget.
///  - With a budget, the turn whose tools have just answered must begin with its thinking; without
///    it (another model's was left out) the request does without thinking.
FittedThinking fit_thinking(const model::Request& request, Translation& translation);

}  // namespace tollgate::dialects::anthropic_messages
