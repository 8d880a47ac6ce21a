#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/draft.hpp"
#include "config/reading.hpp"
#include "policy/rule.hpp"

// What budgets and rate limits of both generations are written with.
namespace tollgate::config {

/// Takes `when` of the first generation: {subjects, models, metadata}, each a list (or a map of
/// single values), "*" for everything.
policy::Selector read_when_lists(StrictMapping& rule, Draft& draft);

/// Takes `when` of the second generation: {in, not_in} of subjects, models, provider accounts and
/// metadata. `allow_teams` is false where the document is a team's own.
policy::Selector read_when_filters(StrictMapping& document, Draft& draft, bool allow_teams);

/// Reads "user", "model", "virtualaccount", "team" or "metadata.KEY".
std::optional<policy::Per> read_per(Reading& reading, const Value& value);

/// What the keys of a `limits` mapping may be, and what they mean.
struct LimitKind {
  std::string_view key;
  policy::Limit limit;
};

/// USD with up to nine decimals as nano-USD.
std::optional<int64_t> read_usd(Reading& reading, const Value& value);

/// Takes `limits`; at least one, each a number above or equal to zero.
std::vector<policy::Limit> read_limits(StrictMapping& holder, std::span<const LimitKind> kinds);

/// Takes `applies_to`: its type, and overrides by entity.
void read_applies_to(StrictMapping& document, std::span<const LimitKind> kinds, policy::Rule& rule);

/// Takes `timezone`: "UTC", an offset, or a name of the tz database, which the host looks up.
void read_zone(StrictMapping& holder, policy::Rule& rule);

/// Takes `alerts`: thresholds, and whom to tell (read_notifications.cpp).
void read_alerts(StrictMapping& holder, RuleDraft& draft);

/// Gives notifications the address of the channel they name; warns where nothing defines it.
void resolve_notifications(Draft& draft, Report& report);

/// Takes `admission`, `on_insufficient` and `min_output_tokens`.
void read_admission(StrictMapping& holder, policy::Rule& rule);

/// Claims an id among the rules of its kind and adds the rule.
void add_rule(Draft& draft, RuleDraft rule, Report& report);

}  // namespace tollgate::config
