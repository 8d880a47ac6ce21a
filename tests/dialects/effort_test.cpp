#include "dialects/effort.hpp"

#include "support/catch.hpp"

using namespace tollgate;
using namespace tollgate::dialects;

namespace {

struct WishRow {
  const char* name;
  model::ThinkingKind thinking;
  std::optional<int64_t> budget;
  const char* effort;
  ThinkingWish kind;
  const char* wished;
};

}  // namespace

TEST_CASE("the wish for thinking is read from thinking and effort") {
  using model::ThinkingKind;
  const WishRow rows[] = {
      {"nothing said", ThinkingKind::kUnset, {}, "", ThinkingWish::kAsLowAsPossible, ""},
      {"disabled", ThinkingKind::kDisabled, {}, "", ThinkingWish::kAsLowAsPossible, ""},
      {"adaptive alone", ThinkingKind::kAdaptive, {}, "", ThinkingWish::kModelDefault, ""},
      {"adaptive with effort", ThinkingKind::kAdaptive, {}, "high", ThinkingWish::kEffort, "high"},
      {"effort alone", ThinkingKind::kUnset, {}, "low", ThinkingWish::kEffort, "low"},
      {"effort is the stronger word", ThinkingKind::kEnabled, 2000, "max", ThinkingWish::kEffort,
       "max"},
      {"enabled without budget", ThinkingKind::kEnabled, {}, "", ThinkingWish::kModelDefault, ""},
      {"4095", ThinkingKind::kEnabled, 4095, "", ThinkingWish::kEffort, "low"},
      {"4096", ThinkingKind::kEnabled, 4096, "", ThinkingWish::kEffort, "medium"},
      {"10000", ThinkingKind::kEnabled, 10000, "", ThinkingWish::kEffort, "medium"},
      {"16384", ThinkingKind::kEnabled, 16384, "", ThinkingWish::kEffort, "high"},
      {"31999", ThinkingKind::kEnabled, 31999, "", ThinkingWish::kEffort, "high"},
      {"32768", ThinkingKind::kEnabled, 32768, "", ThinkingWish::kEffort, "xhigh"},
  };
  for (const WishRow& row : rows) {
    INFO(row.name);
    model::Request request;
    request.thinking.kind = row.thinking;
    request.thinking.budget_tokens = row.budget;
    request.effort = row.effort;
    const Wish wish = thinking_wish(request);
    CHECK(wish.kind == row.kind);
    CHECK(wish.effort == row.wished);
    if (row.budget) CHECK(wish.budget_tokens == *row.budget);
  }
}

TEST_CASE("a named effort is also a number of tokens, and more effort is more of them") {
  int64_t last = 0;
  for (const char* effort : {"minimal", "low", "medium", "high", "xhigh", "max"}) {
    model::Request request;
    request.effort = effort;
    const Wish wish = thinking_wish(request);
    CHECK(wish.budget_tokens > last);
    last = wish.budget_tokens;
  }
  model::Request request;
  request.effort = "heroic";
  CHECK(thinking_wish(request).budget_tokens == 0);
}

namespace {

struct SendRow {
  const char* name;
  Wish wish;
  std::vector<std::string> efforts;
  const char* sent;
  size_t losses;
};

}  // namespace

TEST_CASE("the effort that is sent is the nearest one the model takes") {
  const std::vector<std::string> openai = {"none", "low", "medium", "high", "xhigh"};
  const Wish low{ThinkingWish::kAsLowAsPossible, "", 0};
  const auto named = [](const char* effort) { return Wish{ThinkingWish::kEffort, effort, 0}; };
  const SendRow rows[] = {
      {"the model's default", {}, openai, "", 0},
      {"taken as it is", named("medium"), openai, "medium", 0},
      {"max becomes xhigh", named("max"), openai, "xhigh", 1},
      {"max becomes high", named("max"), {"minimal", "low", "medium", "high"}, "high", 1},
      {"not above the wish", named("medium"), {"low", "high"}, "low", 1},
      {"else the lowest", named("low"), {"high", "max"}, "high", 1},
      {"a wish to think is not none", named("low"), {"none", "medium"}, "medium", 1},
      {"no such field", named("high"), {}, "", 1},
      {"a word we do not know", named("heroic"), openai, "", 1},
      {"a word the model knows", named("heroic"), {"low", "heroic"}, "heroic", 0},
      {"as low as possible is none", low, openai, "none", 0},
      {"as low as possible is minimal", low, {"minimal", "low"}, "minimal", 0},
      {"as low as possible is low", low, {"low", "medium"}, "low", 0},
      {"as low as possible is silence", low, {"high"}, "", 0},
      {"as low as possible without the field", low, {}, "", 0},
  };
  for (const SendRow& row : rows) {
    INFO(row.name);
    model::Losses losses;
    CHECK(effort_to_send(row.wish, row.efforts, losses) == row.sent);
    CHECK(losses.all().size() == row.losses);
  }
}
