#include "dialects/retry_after.hpp"

#include "support/catch.hpp"

using namespace tollgate;

namespace {

struct Row {
  const char* name;
  std::vector<std::pair<const char*, const char*>> headers;
  const char* message;
  std::optional<int64_t> seconds;
};

}  // namespace

TEST_CASE("a wait in any spelling becomes whole seconds") {
  const char* kNow = "Wed, 21 Oct 2026 07:28:00 GMT";
  const Row rows[] = {
      {"nothing", {}, "", {}},
      {"seconds", {{"Retry-After", "7"}}, "", 7},
      {"none", {{"retry-after", "0"}}, "", 0},
      {"parts of a second", {{"retry-after", "1.2"}}, "", 2},
      {"a long wait told outright", {{"retry-after", "3600"}}, "", 3600},
      {"with a unit", {{"retry-after", "10s"}}, "", 10},
      {"milliseconds count first", {{"retry-after", "7"}, {"retry-after-ms", "1500"}}, "", 2},
      {"a date", {{"retry-after", "Wed, 21 Oct 2026 07:28:30 GMT"}, {"date", kNow}}, "", 30},
      {"a date that is over",
       {{"retry-after", "Wed, 21 Oct 2026 07:27:30 GMT"}, {"date", kNow}},
       "",
       0},
      {"a date alone", {{"retry-after", "Wed, 21 Oct 2026 07:28:30 GMT"}}, "", {}},
      {"a word", {{"retry-after", "soon"}}, "", {}},
      {"less than nothing", {{"retry-after", "-1"}}, "", {}},
      {"OpenAI's words", {}, "Rate limit reached. Please try again in 1.898s. Visit", 2},
      {"milliseconds in words", {}, "Please try again in 20ms.", 1},
      {"minutes in words", {}, "Please try again in 6m0s.", 60},
      {"Azure's words", {}, "Please retry after 6 seconds.", 6},
      {"Gemini's words", {}, "Please retry in 34.07s.", 35},
      {"a header before words", {{"retry-after", "3"}}, "try again in 20s", 3},
      {"words without a number", {}, "Please try again in a moment", {}},
      {"the reset of what is used up",
       {{"x-ratelimit-remaining-requests", "0"},
        {"x-ratelimit-reset-requests", "12ms"},
        {"x-ratelimit-remaining-tokens", "500"},
        {"x-ratelimit-reset-tokens", "6m0s"}},
       "",
       1},
      {"the longer of two",
       {{"x-ratelimit-remaining-requests", "0"},
        {"x-ratelimit-reset-requests", "1s"},
        {"x-ratelimit-remaining-tokens", "0"},
        {"x-ratelimit-reset-tokens", "41s"}},
       "",
       41},
      {"a long reset is capped",
       {{"x-ratelimit-remaining-tokens", "0"}, {"x-ratelimit-reset-tokens", "1h2m"}},
       "",
       60},
      {"nothing is used up",
       {{"x-ratelimit-remaining-tokens", "9"}, {"x-ratelimit-reset-tokens", "1s"}},
       "",
       {}},
      {"an epoch in milliseconds",
       {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1792567690000"}, {"date", kNow}},
       "",
       10},
      {"an epoch without a clock",
       {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1792567690000"}},
       "",
       {}},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    wire::Headers headers;
    for (const auto& [name, value] : row.headers)
      REQUIRE(headers.add(name, value).ok());
    CHECK(dialects::retry_after_seconds(headers, row.message) == row.seconds);
  }
}
