#include "dialects/effort.hpp"

#include <array>
#include <string_view>

namespace tollgate::dialects {
namespace {

struct EffortRow {
  std::string_view name;
  int64_t below_tokens;   ///< A budget below it means this effort; 0: no budget means it.
  int64_t budget_tokens;  ///< What it stands for where tokens are counted.
};

/// Lowest first.
constexpr std::array<EffortRow, 7> kEfforts = {{
    {"none", 0, 0},
    {"minimal", 0, 1'024},
    {"low", 4'096, 2'048},
    {"medium", 16'384, 8'192},
    {"high", 32'768, 24'576},
    {"xhigh", 0, 32'768},
    {"max", 0, 65'536},
}};

constexpr size_t kUnknown = kEfforts.size();
constexpr size_t kLow = 2;
constexpr size_t kXhigh = 5;

size_t rank_of(std::string_view effort) {
  for (size_t i = 0; i < kEfforts.size(); ++i) {
    if (kEfforts[i].name == effort) return i;
  }
  return kUnknown;
}

size_t rank_of_budget(int64_t tokens) {
  for (size_t i = kLow; i < kXhigh; ++i) {
    if (tokens < kEfforts[i].below_tokens) return i;
  }
  return kXhigh;
}

}  // namespace

Wish thinking_wish(const model::Request& request) {
  const model::Thinking& thinking = request.thinking;
  Wish wish;
  if (!request.effort.empty()) {
    wish.kind = ThinkingWish::kEffort;
    wish.effort = request.effort;
    const size_t rank = rank_of(request.effort);
    if (thinking.kind == model::ThinkingKind::kEnabled && thinking.budget_tokens) {
      wish.budget_tokens = *thinking.budget_tokens;
    } else if (rank != kUnknown) {
      wish.budget_tokens = kEfforts[rank].budget_tokens;
    }
    return wish;
  }
  switch (thinking.kind) {
    case model::ThinkingKind::kUnset:
    case model::ThinkingKind::kDisabled:
      wish.kind = ThinkingWish::kAsLowAsPossible;
      break;
    case model::ThinkingKind::kEnabled:
      if (!thinking.budget_tokens) break;
      wish.kind = ThinkingWish::kEffort;
      wish.effort = kEfforts[rank_of_budget(*thinking.budget_tokens)].name;
      wish.budget_tokens = *thinking.budget_tokens;
      break;
    case model::ThinkingKind::kAdaptive:
    case model::ThinkingKind::kBetweenTools:
      break;
  }
  return wish;
}

std::string effort_to_send(const Wish& wish, const std::vector<std::string>& efforts,
                           model::Losses& losses) {
  if (wish.kind == ThinkingWish::kModelDefault) return {};
  if (efforts.empty()) {
    if (wish.kind == ThinkingWish::kEffort) {
      losses.add(model::LossKind::kDropped, "output_config.effort " + wish.effort);
    }
    return {};
  }
  if (wish.kind == ThinkingWish::kAsLowAsPossible) {
    // Where the least there is is much, the model's own default may be less.
    return rank_of(efforts.front()) <= kLow ? efforts.front() : std::string();
  }
  const size_t wished = rank_of(wish.effort);
  const std::string* nearest = nullptr;
  for (const std::string& effort : efforts) {
    if (effort == wish.effort) return effort;
    const size_t rank = rank_of(effort);
    // Whoever names an effort wants some thinking: "none" is not the lowest of it.
    if (rank == 0) continue;
    if (nearest == nullptr || (wished != kUnknown && rank <= wished)) nearest = &effort;
  }
  if (nearest == nullptr || wished == kUnknown) {
    losses.add(model::LossKind::kDropped, "output_config.effort " + wish.effort);
    return {};
  }
  losses.add(model::LossKind::kClamped, "effort " + wish.effort + " -> " + *nearest);
  return *nearest;
}

}  // namespace tollgate::dialects
