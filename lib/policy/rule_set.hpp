#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/principal.hpp"
#include "policy/rule.hpp"

namespace tollgate::policy {

/// Who asks, and with what marks: all that rules look at beside the target.
struct Caller {
  const model::Principal* principal = nullptr;
  const model::Metadata* metadata = nullptr;
  std::string_view session;
  std::string_view agent;
  std::string_view parent_agent;
};

/// A rule that applies, and the counter of it that does.
struct Match {
  const Rule* rule = nullptr;
  std::string_view entity;   ///< Within the caller, the target or Matches::texts; empty: aggregate.
  uint64_t entity_hash = 0;  ///< text_hash().
  const std::vector<Limit>* limits = nullptr;
  Mode mode = Mode::kEnforce;  ///< kAudit also where an earlier rule of its group decides.
};

/// What applies to one request. Reused from one to the next for its memory.
struct Matches {
  std::vector<Match> all;
  std::vector<std::string> texts;  ///< Entities of several dimensions, spelt out.
};

/// Rules that depend on the target are looked at with it, the others without.
enum class Phase : uint8_t { kPrincipal, kTarget };

/// All budgets and rate limits of a configuration. Immutable; safe from many threads.
class RuleSet {
 public:
  RuleSet() = default;
  explicit RuleSet(std::vector<Rule> rules);

  /// Finds what applies. `names` matters in kTarget only. `matches` is emptied first.
  void match(Phase phase, const Caller& caller, const TargetNames& names, Matches& matches) const;

  std::span<const Rule> rules() const { return rules_; }
  bool empty() const { return rules_.empty(); }
  size_t size() const { return rules_.size(); }

 private:
  std::vector<Rule> rules_;
  std::vector<uint32_t> principal_rules_;  ///< In the order of the documents.
  std::vector<uint32_t> target_rules_;
};

}  // namespace tollgate::policy
