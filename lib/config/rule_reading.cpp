#include "config/rule_reading.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "config/names.hpp"
#include "pricing/price.hpp"

namespace tollgate::config {
namespace {

constexpr size_t kRulesMax = 10'000;
constexpr int64_t kAmountMax = 1'000'000'000'000'000;

policy::NameSet names_of(const std::vector<std::string>& names) {
  return policy::NameSet(names);
}

bool is_all(const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), "*") != names.end();
}

/// Notes names that another document should define, as the subjects they stand for.
void note_subjects(Draft& draft, std::string_view kind, const std::vector<Value>& values) {
  for (const Value& value : values) {
    draft.subjects.push_back({std::string(kind) + value.node->text, value.place()});
  }
}

std::optional<std::vector<std::string>> read_names(StrictMapping& mapping, std::string_view key,
                                                   std::string_view subject_kind, Draft& draft) {
  const std::optional<Value> value = mapping.take(key);
  if (!value) return std::nullopt;
  std::vector<std::string> names;
  const std::vector<Value> items = read_list(mapping.reading(), *value);
  for (const Value& item : items) {
    if (std::optional<std::string> name = read_string(mapping.reading(), item)) {
      names.push_back(std::move(*name));
    }
  }
  if (!subject_kind.empty() && names.size() == items.size()) {
    note_subjects(draft, subject_kind, items);
  }
  return names;
}

/// {in: […], not_in: […]}; a plain list means `in`.
policy::Filter read_filter(Reading& reading, const Value& value, std::string_view subject_kind,
                           Draft& draft) {
  policy::Filter filter;
  if (value.node->kind == NodeKind::kSequence) {
    filter.has_in = true;
    filter.in = names_of(read_strings(reading, value));
    return filter;
  }
  StrictMapping mapping(reading, value);
  if (!mapping.valid()) return filter;
  const auto in = read_names(mapping, "in", subject_kind, draft);
  const auto not_in = read_names(mapping, "not_in", subject_kind, draft);
  mapping.done();
  filter.has_in = in.has_value();
  if (in) filter.in = names_of(*in);
  if (not_in) filter.not_in = names_of(*not_in);
  return filter;
}

void read_subject_filters(StrictMapping& when, Draft& draft, bool allow_teams,
                          policy::Selector& out) {
  const std::optional<Value> value = when.take("subjects");
  if (!value) return;
  StrictMapping subjects(when.reading(), *value);
  if (!subjects.valid()) return;
  const auto filter = [&](std::string_view key, std::string_view kind) {
    const std::optional<Value> found = subjects.take(key);
    return found ? read_filter(when.reading(), *found, kind, draft) : policy::Filter{};
  };
  out.users = filter("users", "user:");
  if (allow_teams) out.teams = filter("teams", "team:");
  out.virtual_accounts = filter("virtual_accounts", "virtualaccount:");
  subjects.done();
}

void read_metadata_filters(StrictMapping& when, Draft& draft, policy::Selector& out) {
  const std::optional<Value> value = when.take("metadata");
  if (!value) return;
  for (const Entry& entry : read_entries(when.reading(), *value)) {
    policy::Filter filter;
    if (entry.value.node->kind == NodeKind::kScalar) {
      const std::optional<std::string> single = read_string(when.reading(), entry.value);
      if (!single) continue;
      filter.has_in = true;
      filter.in = names_of({*single});
    } else {
      filter = read_filter(when.reading(), entry.value, {}, draft);
    }
    out.metadata.emplace_back(entry.key, std::move(filter));
  }
}

std::optional<int64_t> read_amount(Reading& reading, const Value& value, policy::Limit limit) {
  if (limit.measure == Measure::kMoney) return read_usd(reading, value);
  return read_integer(reading, value, 0, kAmountMax);
}

struct AppliesTo {
  std::string_view type;
  std::optional<policy::Dimension> dimension;
  std::string_view entities;  ///< Key of the entities in overrides.
};

constexpr std::array kAppliesTo = {
    AppliesTo{"aggregate", std::nullopt, ""},
    AppliesTo{"per-user", policy::Dimension::kUser, "users"},
    AppliesTo{"per-team", policy::Dimension::kTeam, "teams"},
    AppliesTo{"per-model", policy::Dimension::kModel, "models"},
    AppliesTo{"per-virtual-account", policy::Dimension::kVirtualAccount, "virtual_accounts"},
    AppliesTo{"per-provider-account", policy::Dimension::kProviderAccount, "provider_accounts"},
    AppliesTo{"metadata", policy::Dimension::kMetadata, "metadata_values"},
    AppliesTo{"per-session", policy::Dimension::kSession, "sessions"},
    AppliesTo{"per-agent", policy::Dimension::kAgent, "agents"},
    AppliesTo{"per-parent-agent", policy::Dimension::kParentAgent, "agents"},
};

void read_overrides(StrictMapping& applies_to, const AppliesTo& kind,
                    std::span<const LimitKind> kinds, policy::Rule& rule) {
  Reading& reading = applies_to.reading();
  for (const Value& item : applies_to.list("overrides")) {
    StrictMapping entry(reading, item);
    if (!entry.valid()) continue;
    const std::optional<Value> names = entry.require(kind.entities);
    const std::vector<policy::Limit> limits = read_limits(entry, kinds);
    entry.done();
    if (!names) continue;
    for (const Value& name : read_list(reading, *names)) {
      const std::optional<std::string> text = read_string(reading, name);
      if (text && !rule.overrides.emplace(*text, limits).second) {
        reading.report.error(name.place(), "has an override already");
      }
    }
  }
}

}  // namespace

policy::Selector read_when_lists(StrictMapping& rule, Draft& draft) {
  policy::Selector out;
  const std::optional<Value> value = rule.take("when");
  if (!value) return out;
  StrictMapping when(rule.reading(), *value);
  if (!when.valid()) return out;
  for (const Value& item : when.list("subjects")) {
    const std::optional<std::string> subject = read_string(rule.reading(), item);
    if (!subject) continue;
    append_subject(draft, *subject, out.subjects);
    if (*subject != "*") draft.subjects.push_back({*subject, item.place()});
  }
  if (is_all(out.subjects)) out.subjects.clear();
  if (const std::optional<Value> models = when.take("models")) {
    const std::vector<std::string> names = read_strings(rule.reading(), *models);
    if (!names.empty() && !is_all(names)) {
      out.has_models = true;
      out.models = {true, names_of(names), {}};
    }
  }
  read_metadata_filters(when, draft, out);
  when.done();
  return out;
}

policy::Selector read_when_filters(StrictMapping& document, Draft& draft, bool allow_teams) {
  policy::Selector out;
  const std::optional<Value> value = document.take("when");
  if (!value) return out;
  StrictMapping when(document.reading(), *value);
  if (!when.valid()) return out;
  read_subject_filters(when, draft, allow_teams, out);
  if (const std::optional<Value> models = when.take("models")) {
    out.has_models = true;
    out.models = read_filter(document.reading(), *models, {}, draft);
  }
  if (const std::optional<Value> accounts = when.take("provider_accounts")) {
    out.has_accounts = true;
    out.accounts = read_filter(document.reading(), *accounts, {}, draft);
  }
  read_metadata_filters(when, draft, out);
  when.done();
  return out;
}

std::optional<policy::Per> read_per(Reading& reading, const Value& value) {
  const std::optional<std::string> text = read_string(reading, value);
  if (!text) return std::nullopt;
  constexpr std::string_view kMetadata = "metadata.";
  if (text->starts_with(kMetadata) && text->size() > kMetadata.size()) {
    return policy::Per{policy::Dimension::kMetadata, text->substr(kMetadata.size())};
  }
  constexpr std::pair<std::string_view, policy::Dimension> kNames[] = {
      {"user", policy::Dimension::kUser},
      {"team", policy::Dimension::kTeam},
      {"model", policy::Dimension::kModel},
      {"virtualaccount", policy::Dimension::kVirtualAccount},
      {"virtual_account", policy::Dimension::kVirtualAccount},
  };
  for (const auto& [name, dimension] : kNames) {
    if (name == *text) return policy::Per{dimension, {}};
  }
  reading.report.error(value.place(),
                       "must be one of user, team, model, virtualaccount and metadata.KEY");
  return std::nullopt;
}

std::optional<int64_t> read_usd(Reading& reading, const Value& value) {
  const std::optional<std::string> text = read_decimal(reading, value);
  if (!text) return std::nullopt;
  // Nano-USD for a billion USD is 10^18, the largest power of ten that fits.
  const size_t point = std::min(text->find('.'), text->size());
  std::string digits = text->substr(0, point);
  std::string part = point < text->size() ? text->substr(point + 1) : std::string();
  while (part.size() > 9 && part.back() == '0')
    part.pop_back();
  digits += part + std::string(9 - std::min<size_t>(part.size(), 9), '0');
  int64_t nano = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, nano);
  if (part.size() > 9 || error != std::errc{} || stop != end || nano < 0) {
    reading.report.error(value.place(),
                         "must be an amount in USD of at least 0 with up to nine decimals");
    return std::nullopt;
  }
  return nano;
}

std::vector<policy::Limit> read_limits(StrictMapping& holder, std::span<const LimitKind> kinds) {
  std::vector<policy::Limit> limits;
  const std::optional<Value> value = holder.require("limits");
  if (!value) return limits;
  StrictMapping mapping(holder.reading(), *value);
  if (!mapping.valid()) return limits;
  bool any = false;
  for (const LimitKind& kind : kinds) {
    const std::optional<Value> amount = mapping.take(kind.key);
    if (!amount) continue;
    any = true;
    policy::Limit limit = kind.limit;
    const std::optional<int64_t> number = read_amount(holder.reading(), *amount, limit);
    if (!number) continue;
    limit.amount = *number;
    limits.push_back(limit);
  }
  mapping.done();
  if (!any) holder.reading().report.error(value->place(), "must state at least one limit");
  return limits;
}

void read_applies_to(StrictMapping& document, std::span<const LimitKind> kinds,
                     policy::Rule& rule) {
  const std::optional<Value> value = document.take("applies_to");
  if (!value) return;
  StrictMapping applies_to(document.reading(), *value);
  if (!applies_to.valid()) return;
  std::vector<std::string_view> names;
  for (const AppliesTo& kind : kAppliesTo)
    names.push_back(kind.type);
  const std::optional<size_t> chosen = applies_to.choice("type", names);
  if (!chosen) return;
  const AppliesTo& kind = kAppliesTo[*chosen];
  if (kind.dimension) {
    policy::Per per{*kind.dimension, {}};
    if (per.dimension == policy::Dimension::kMetadata) {
      per.key = applies_to.require_string("metadata").value_or("");
    }
    rule.per.push_back(std::move(per));
    read_overrides(applies_to, kind, kinds, rule);
  }
  applies_to.done();
}

void read_zone(StrictMapping& holder, policy::Rule& rule) {
  Reading& reading = holder.reading();
  const std::optional<Value> value = holder.take("timezone");
  const std::optional<std::string> name = value ? read_string(reading, *value) : std::nullopt;
  if (!name || parse_zone_offset(*name, rule.zone)) return;
  std::string bytes;
  const bool plain = name->find("..") == std::string::npos && !name->starts_with('/');
  if (plain && reading.lookup &&
      reading.lookup(ReferenceKind::kFile, "/usr/share/zoneinfo/" + *name, bytes) &&
      parse_zone_file(bytes, rule.zone)) {
    return;
  }
  reading.report.error(value->place(),
                       "must be UTC, an offset as +02:00, or a name of the host's time zone "
                       "database as Europe/Berlin");
}

void read_admission(StrictMapping& holder, policy::Rule& rule) {
  if (holder.take("admission")) {
    const std::optional<size_t> kind = holder.choice("admission", {"strict", "estimate"});
    rule.estimates = kind == 1;
  }
  if (holder.take("on_insufficient")) {
    const std::optional<size_t> kind = holder.choice("on_insufficient", {"cap", "reject"});
    if (kind) {
      rule.on_insufficient =
          *kind == 0 ? policy::OnInsufficient::kCap : policy::OnInsufficient::kReject;
    }
  }
  rule.min_output_tokens =
      holder.integer("min_output_tokens", rule.min_output_tokens, 1, 10'000'000);
}

void add_rule(Draft& draft, RuleDraft rule, Report& report) {
  if (draft.rules.size() >= kRulesMax) {
    report.error(rule.place, "more than 10,000 budgets and rate limits");
    return;
  }
  draft.rules.push_back(std::move(rule));
}

}  // namespace tollgate::config
