#include "model/usage.hpp"

#include "support/catch.hpp"

namespace tollgate::model {
namespace {

UsagePatch patch(std::optional<int64_t> input, std::optional<int64_t> cache_read,
                 std::optional<int64_t> cache_write, std::optional<int64_t> output) {
  UsagePatch made;
  made.input = input;
  made.cache_read = cache_read;
  made.cache_write = cache_write;
  made.output = output;
  return made;
}

TEST_CASE("values of a later event replace earlier ones and are not added") {
  Usage usage;
  merge(usage, patch(1128, 5, std::nullopt, 2));
  merge(usage, patch(2411, std::nullopt, std::nullopt, 300));
  CHECK(usage.tokens == Tokens{2411, 5, 0, 0, 300});
}

TEST_CASE("a zero that is told replaces, an absent member does not") {
  Usage usage;
  merge(usage, patch(100, 55096, 0, 7));
  merge(usage, patch(181, 0, 0, 8));
  CHECK(usage.tokens == Tokens{181, 0, 0, 0, 8});
  merge(usage, UsagePatch{});
  CHECK(usage.tokens == Tokens{181, 0, 0, 0, 8});
}

struct WriteCase {
  const char* name;
  std::optional<int64_t> first_5m;
  std::optional<int64_t> first_1h;
  std::optional<int64_t> first_total;
  std::optional<int64_t> later_total;
  int64_t want_5m;
  int64_t want_1h;
};

const WriteCase kWriteCases[] = {
    {"a total alone is 5-minute writes", {}, {}, 700, {}, 700, 0},
    {"a split that agrees with its total stands", 300, 400, 700, {}, 300, 400},
    {"a split alone stands", 300, 400, {}, {}, 300, 400},
    {"the same total later changes nothing", 300, 400, 700, 700, 300, 400},
    {"a larger total keeps the shares", 300, 100, 400, 800, 600, 200},
    {"a share that does not divide favours the dearer life", 2, 1, 3, 4, 2, 2},
    {"a total of nothing clears both", 300, 400, 700, 0, 0, 0},
    {"a first total where the start told zeros", 0, 0, 0, 50, 50, 0},
    {"a split that contradicts its total is rescaled", 100, 100, 100, {}, 50, 50},
    {"the largest figures stay exact",
     kTokensMax,
     kTokensMax,
     {},
     kTokensMax,
     500000000,
     500000000},
};

TEST_CASE("cache writes") {
  for (const WriteCase& row : kWriteCases) {
    INFO(row.name);
    Usage usage;
    UsagePatch first;
    first.cache_write = row.first_total;
    first.cache_write_5m = row.first_5m;
    first.cache_write_1h = row.first_1h;
    merge(usage, first);
    UsagePatch later;
    later.cache_write = row.later_total;
    merge(usage, later);
    CHECK(usage.tokens.cache_write_5m == row.want_5m);
    CHECK(usage.tokens.cache_write_1h == row.want_1h);
  }
}

TEST_CASE("negative and absurd counters are clamped") {
  Usage usage;
  UsagePatch wild = patch(-5, INT64_MAX, INT64_MIN, kTokensMax + 1);
  wild.reasoning = -1;
  wild.web_searches = INT64_MAX;
  UsageIteration step;
  step.tokens = Tokens{-1, INT64_MAX, -7, 3, INT64_MIN};
  wild.iterations = {step};
  merge(usage, wild);
  CHECK(usage.tokens == Tokens{0, kTokensMax, 0, 0, kTokensMax});
  CHECK(usage.reasoning == 0);
  CHECK(usage.web_searches == kTokensMax);
  REQUIRE(usage.iterations.size() == 1);
  CHECK(usage.iterations[0].tokens == Tokens{0, kTokensMax, 0, 3, 0});
}

TEST_CASE("texts and steps are replaced when told") {
  Usage usage;
  UsagePatch first;
  first.service_tier = "standard";
  first.inference_geo = "global";
  first.fast = true;
  first.iterations = {UsageIteration{"message", "", {}, {}},
                      UsageIteration{"compaction", "", {}, {}}};
  merge(usage, first);
  UsagePatch later;
  later.service_tier = "priority";
  later.iterations = {UsageIteration{"advisor_message", "claude-opus-5", {}, {}}};
  merge(usage, later);
  CHECK(usage.service_tier == "priority");
  CHECK(usage.inference_geo == "global");
  CHECK(usage.fast);
  REQUIRE(usage.iterations.size() == 1);
  CHECK(usage.iterations[0].model == "claude-opus-5");
}

}  // namespace
}  // namespace tollgate::model
