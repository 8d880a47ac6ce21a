#include "dialects/anthropic_messages/thinking_fit.hpp"

#include <algorithm>

#include "dialects/carriage.hpp"
#include "dialects/effort.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

using model::Block;
using model::BlockKind;
using model::ThinkingKind;

constexpr int64_t kBudgetTokensMin = 1024;
constexpr int64_t kUsualBudgetTokens = 8192;

bool is_thinking(const Block& block) {
  return block.kind == BlockKind::kThinking || block.kind == BlockKind::kRedactedThinking;
}

bool has(const model::Message& message, BlockKind kind) {
  return std::any_of(message.content.begin(), message.content.end(),
                     [kind](const Block& block) { return block.kind == kind; });
}

/// The conversation ends with results of tools, and the turn that called them began with thinking
/// that cannot be sent.
bool loop_lost_thinking(const model::Request& request) {
  size_t at = request.messages.size();
  bool results = false;
  while (at > 0 && request.messages[at - 1].role != model::Role::kAssistant) {
    results = results || has(request.messages[at - 1], BlockKind::kToolResult);
    --at;
  }
  if (at == 0 || !results) return false;
  for (const Block& block : request.messages[at - 1].content) {
    if (is_foreign_thinking(block)) continue;
    return !is_thinking(block) && is_thinking(request.messages[at - 1].content.front());
  }
  return false;
}

void give_budget(const model::Request& request, Translation& translation, FittedThinking& fitted) {
  int64_t budget = thinking_wish(request).budget_tokens;
  if (budget <= 0) budget = kUsualBudgetTokens;
  budget = std::max(budget, kBudgetTokensMin);
  // The answer needs room behind it.
  if (request.max_tokens) budget = std::min(budget, *request.max_tokens / 2);
  if (budget < kBudgetTokensMin) {
    fitted.thinking = model::Thinking();
    translation.losses.add(model::LossKind::kDropped, "thinking (no room for a budget)");
  } else {
    fitted.thinking.kind = ThinkingKind::kEnabled;
    fitted.thinking.budget_tokens = budget;
    translation.losses.add(model::LossKind::kClamped,
                           "thinking adaptive -> budget " + std::to_string(budget));
  }
  fitted.effort.clear();
}

}  // namespace

bool is_foreign_thinking(const Block& block) {
  if (block.kind == BlockKind::kThinking) return is_carriage(block.signature);
  return block.kind == BlockKind::kRedactedThinking && is_carriage(block.text);
}

FittedThinking fit_thinking(const model::Request& request, Translation& translation) {
  FittedThinking fitted{request.thinking, request.effort};
  const model::ModelFacts& facts = translation.facts;
  if (fitted.thinking.kind == ThinkingKind::kAdaptive && facts.thinking == true &&
      facts.efforts.empty()) {
    give_budget(request, translation, fitted);
  }
  if (fitted.thinking.kind != ThinkingKind::kEnabled || !loop_lost_thinking(request)) return fitted;
  fitted.thinking = model::Thinking();
  fitted.thinking.kind = ThinkingKind::kDisabled;
  // What it manages is thinking, and it is refused without.
  fitted.context_management =
      request.context_management.find("clear_thinking") == std::string::npos;
  translation.losses.add(model::LossKind::kDropped, "thinking (the turn's own is another model's)");
  return fitted;
}

}  // namespace tollgate::dialects::anthropic_messages
