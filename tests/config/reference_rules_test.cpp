#include <algorithm>
#include <cstdio>

#include "config/support.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

// Budgets and rate limits as files of the gateway we are compatible with have them, read where they
// are described: they load as they stand, and apply to whom the description says. That description
// is no part of the project, and the test says so where it is absent.
namespace tollgate::config {
namespace {

/// The example that has this document; empty when the description is not there.
std::string example_with(std::string_view document) {
  constexpr std::string_view kOpen = "```yaml\n";
  const std::filesystem::path path =
      test::recordings_folder().parent_path() / "reference" / "truefoundry-compat.md";
  const std::string page = test::read_file(path);
  for (size_t at = page.find(kOpen); at != std::string::npos; at = page.find(kOpen, at)) {
    const size_t from = at + kOpen.size();
    const size_t to = page.find("```\n", from);
    if (to == std::string::npos) break;
    const std::string example = page.substr(from, to - from);
    if (example.find(document) != std::string::npos) return example;
    at = to;
  }
  std::printf("skipped: no example with %.*s in %s\n", static_cast<int>(document.size()),
              document.data(), path.c_str());
  return {};
}

/// Who asks for what.
struct Ask {
  const char* name;
  model::Principal principal;
  model::Metadata metadata;
  std::string_view requested;
  std::string_view target;
  /// "rule entity mode limit=amount…", one a line, in the order of the documents.
  const char* applies;
};

model::Principal user(std::string name, std::vector<std::string> teams) {
  return {model::PrincipalKind::kUser, std::move(name), std::move(teams), {}};
}

std::string shown(const policy::RuleSet& rules, const Ask& ask) {
  const policy::Caller caller{&ask.principal, &ask.metadata, {}, {}, {}};
  const bool routed = ask.requested.starts_with("coding/");
  const policy::TargetNames names{ask.requested, routed ? ask.requested : std::string_view(),
                                  ask.target, ask.target.substr(0, ask.target.find('/'))};
  std::vector<std::pair<const policy::Rule*, std::string>> lines;
  policy::Matches matches;
  for (const policy::Phase phase : {policy::Phase::kPrincipal, policy::Phase::kTarget}) {
    rules.match(phase, caller, names, matches);
    for (const policy::Match& match : matches.all) {
      std::string line = match.rule->id + " [" + std::string(match.entity) + "] ";
      line += match.mode == policy::Mode::kEnforce ? "enforce"
              : match.mode == policy::Mode::kAudit ? "audit"
                                                   : "soft";
      for (const policy::Limit& limit : *match.limits) {
        const int64_t unit = limit.measure == Measure::kMoney ? 1'000'000'000 : 1;
        line += " " + policy::limit_name(limit) + "=" + std::to_string(limit.amount / unit);
      }
      lines.emplace_back(match.rule, line + "\n");
    }
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& [rule, line] : lines)
    text += line;
  return text;
}

void check(std::string_view document, const std::vector<Ask>& asks) {
  const std::string example = example_with(document);
  if (example.empty()) return;
  const LoadResult result = load_text(example);
  CAPTURE(lines_of(result));
  REQUIRE(result.configuration);
  for (const Diagnostic& one : result.diagnostics)
    CHECK(one.severity == Severity::kWarning);
  for (const Ask& ask : asks) {
    CAPTURE(ask.name);
    CHECK(shown(result.configuration->rules, ask) == ask.applies);
  }
}

TEST_CASE("the reference's budgets load as they stand and apply as it says") {
  const std::string_view sonnet = "anthropic-eng/claude-sonnet-4-5";
  const std::string_view opus = "anthropic-eng/claude-opus-4-6";
  check("type: gateway-budget-config",
        {{"a senior: the first match decides, every match counts",
          user("s@corp.example", {"everyone", "senior-eng"}),
          {},
          sonnet,
          sonnet,
          "senior-daily [s@corp.example] enforce cost_per_day=50\n"
          "default-daily [s@corp.example] audit cost_per_day=10\n"},
         {"anybody, on Opus: month, quarter and lifetime together",
          user("x@corp.example", {"everyone"}),
          {},
          opus,
          opus,
          "default-daily [x@corp.example] enforce cost_per_day=10\n"
          "opus-org-month [] audit cost_per_month=1000\n"
          "opus-org-cap [] enforce cost_per_month=1000 cost_per_quarter=2500 "
          "cost_per_lifetime=20000\n"},
         {"an account that is excluded",
          user("x@corp.example", {"everyone"}),
          {},
          "sandbox/claude-opus-4-6",
          "sandbox/claude-opus-4-6",
          "default-daily [x@corp.example] enforce cost_per_day=10\n"},
         {"an engineer: day and week; the group's rule beside",
          user("e@corp.example", {"everyone", "engineering"}),
          {},
          sonnet,
          sonnet,
          "default-daily [e@corp.example] enforce cost_per_day=10\n"
          "dev-daily [e@corp.example] soft cost_per_day=10 cost_per_week=40\n"},
         {"an override replaces all periods",
          user("dev-1@corp.example", {"everyone", "engineering"}),
          {},
          sonnet,
          sonnet,
          "default-daily [dev-1@corp.example] enforce cost_per_day=10\n"
          "dev-daily [dev-1@corp.example] soft cost_per_day=50\n"},
         {"a team's budget by metadata, where its mark says production",
          user("p@corp.example", {"everyone", "platform"}),
          {{"environment", "prod"}, {"project_id", "infra-2026"}},
          sonnet,
          sonnet,
          "default-daily [p@corp.example] enforce cost_per_day=10\n"
          "platform-projects [infra-2026] audit cost_per_month=9000\n"},
         {"without the mark it is not in it",
          user("p@corp.example", {"everyone", "platform"}),
          {{"project_id", "infra-2026"}},
          sonnet,
          sonnet,
          "default-daily [p@corp.example] enforce cost_per_day=10\n"}});
}

TEST_CASE("the reference's rate limits load as they stand and apply as it says") {
  const std::string_view sonnet = "anthropic-eng/claude-sonnet-4-5";
  const model::Principal ci = {model::PrincipalKind::kVirtualAccount, "ci-bot", {}, {}};
  check(
      "type: gateway-rate-limiting-config",
      {{"CI on one model: 500 requests a day, and the first match is the only one",
        ci,
        {{"environment", "ci"}, {"project_id", "p"}},
        sonnet,
        sonnet,
        "ci-claude [] enforce requests_per_day=500\n"},
       {"the same by the name of a virtual model",
        ci,
        {{"environment", "ci"}},
        "coding/claude-sonnet-4-5",
        sonnet,
        "ci-claude [] enforce requests_per_day=500\n"},
       {"without the mark: what is left is by project, and this has none",
        ci,
        {},
        sonnet,
        sonnet,
        ""},
       {"an engineer, by user and model",
        user("e@corp.example", {"everyone", "engineering"}),
        {{"project_id", "p"}},
        sonnet,
        sonnet,
        "per-dev-per-model [e@corp.example|anthropic-eng/claude-sonnet-4-5] enforce "
        "tokens_per_minute=400000\n"},
       {"and both generations on the virtual model",
        user("e@corp.example", {"everyone", "engineering"}),
        {},
        "coding/claude-sonnet-4-5",
        sonnet,
        "per-dev-per-model [e@corp.example|anthropic-eng/claude-sonnet-4-5] enforce "
        "tokens_per_minute=400000\n"
        "dev-throughput [e@corp.example] enforce requests_per_minute=60 tokens_per_hour=6000000\n"},
       {"an override",
        user("dev-1@corp.example", {"everyone", "engineering"}),
        {},
        "coding/claude-sonnet-4-5",
        sonnet,
        "per-dev-per-model [dev-1@corp.example|anthropic-eng/claude-sonnet-4-5] enforce "
        "tokens_per_minute=400000\n"
        "dev-throughput [dev-1@corp.example] enforce requests_per_minute=120 "
        "tokens_per_hour=12000000\n"},
       {"who is excluded",
        user("oncall@corp.example", {"everyone", "engineering"}),
        {},
        "coding/claude-sonnet-4-5",
        sonnet,
        "per-dev-per-model [oncall@corp.example|anthropic-eng/claude-sonnet-4-5] enforce "
        "tokens_per_minute=400000\n"},
       {"anybody else, by project",
        user("x@corp.example", {"everyone"}),
        {{"project_id", "p"}},
        sonnet,
        sonnet,
        "per-project [p] enforce requests_per_hour=3000\n"}});
}

}  // namespace
}  // namespace tollgate::config
