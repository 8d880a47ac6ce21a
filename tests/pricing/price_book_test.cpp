#include "pricing/price_book.hpp"

#include "support/catch.hpp"

namespace tollgate::pricing {
namespace {

constexpr int64_t kToday = 1'795'338'000'000;  // 2026-11-22T09:00:00Z

OwnPrice own(std::string account, std::string provider, std::string model, int64_t input,
             int64_t from_ms = INT64_MIN) {
  OwnPrice entry{std::move(account), std::move(provider), std::move(model), from_ms, {}};
  entry.price.base.input = Rate{input};
  return entry;
}

int64_t input_of(const PriceBook& book, std::string_view account, const ModelName& name) {
  const std::optional<FoundPrice> found = book.find(account, name, {}, kToday);
  return found ? found->price.base.input.femto_usd_per_token : -1;
}

TEST_CASE("the narrowest own price counts, then the latest, then the list") {
  const PriceBook book(
      {own("", "", "claude-opus-5", 10), own("", "anthropic", "claude-opus-5", 20),
       own("eng", "", "claude-opus-5", 30), own("eng", "", "claude-opus-5", 40, kToday),
       own("eng", "", "claude-opus-5", 50, kToday + 1)},
      UnknownPrice::kRefuse, std::nullopt);
  CHECK(input_of(book, "eng", {"anthropic", "claude-opus-5-20260101"}) == 40);
  CHECK(input_of(book, "other", {"anthropic", "claude-opus-5"}) == 20);
  CHECK(input_of(book, "other", {"aws-bedrock", "global.anthropic.claude-opus-5"}) == 10);
  CHECK(input_of(book, "eng", {"anthropic", "claude-opus-4-8"}) == 5'000'000'000);
  CHECK(input_of(book, "eng", {"anthropic", "nobody"}) == -1);
}

TEST_CASE("a price nobody knows is the dearest, the configured one, none, or no service") {
  const ModelName unknown{"anthropic", "nobody-knows"};
  const auto find = [&](UnknownPrice kind, std::optional<Price> fallback) {
    return PriceBook({}, kind, std::move(fallback)).find("eng", unknown, {}, kToday);
  };
  const auto dearest = find(UnknownPrice::kFallback, std::nullopt);
  REQUIRE(dearest);
  CHECK(dearest->source == PriceSource::kFallback);
  CHECK(dearest->price.base.output == Rate{75'000'000'000});
  Price configured;
  configured.base.output = Rate{7};
  CHECK(find(UnknownPrice::kFallback, configured)->price.base.output == Rate{7});
  const auto free = find(UnknownPrice::kFree, std::nullopt);
  REQUIRE(free);
  CHECK(free->source == PriceSource::kFree);
  CHECK(cost(model::Tokens{.input = 1'000'000}, free->price).value == 0);
  CHECK_FALSE(find(UnknownPrice::kRefuse, std::nullopt));
  CHECK_FALSE(PriceBook().knows("eng", unknown, kToday));
}

TEST_CASE("a discount is taken off what is listed, and not off what is guessed") {
  const PriceBook book;
  const Discount eight{80'000};
  const auto listed = book.find("eng", {"anthropic", "claude-opus-5"}, eight, kToday);
  REQUIRE(listed);
  CHECK(listed->price.base.input == Rate{4'600'000'000});
  CHECK(listed->price.web_search.value == 9'200'000);
  const auto guessed = book.find("eng", {"anthropic", "nobody"}, eight, kToday);
  CHECK(guessed->price.base.output == Rate{75'000'000'000});
}

TEST_CASE("the version names the list, and that something was put over it") {
  CHECK(PriceBook().version() == "2026-11-22");
  CHECK(PriceBook({own("", "", "a", 1)}, UnknownPrice::kFree, std::nullopt).version() ==
        "2026-11-22+own");
}

}  // namespace
}  // namespace tollgate::pricing
