#include "model/loss.hpp"

#include "support/catch.hpp"

namespace tollgate::model {
namespace {

TEST_CASE("the same loss is kept once") {
  Losses losses;
  losses.add(LossKind::kDropped, "thinking.signature (foreign)");
  losses.add(LossKind::kDropped, "thinking.signature (foreign)");
  losses.add(LossKind::kRenamed, "thinking.signature (foreign)");
  REQUIRE(losses.all().size() == 2);
  CHECK(losses.all()[0].kind == LossKind::kDropped);
  CHECK(losses.all()[1].kind == LossKind::kRenamed);
}

TEST_CASE("number and length of losses are bounded") {
  Losses losses;
  for (size_t i = 0; i < kLossesMax + 10; ++i)
    losses.add(LossKind::kClamped, std::to_string(i));
  CHECK(losses.all().size() == kLossesMax);
  CHECK(losses.all().back().what == std::to_string(kLossesMax - 1));

  Losses one;
  // The bound falls into the middle of a two-byte character.
  std::string text = "x";
  while (text.size() < kLossBytesMax + 20)
    text += "\xC3\xA9";
  one.add(LossKind::kDropped, text);
  CHECK(one.all()[0].what == text.substr(0, kLossBytesMax - 1));
}

}  // namespace
}  // namespace tollgate::model
