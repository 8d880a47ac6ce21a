#include "dialects/gemini_generate/signatures.hpp"

#include "dialects/carriage.hpp"
#include "support/catch.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

Translation made(const char* target, const char* tag) {
  Translation translation;
  translation.target = target;
  translation.credential_tag = tag;
  return translation;
}

TEST_CASE("signatures are carried with the place they belong to") {
  const Translation translation = made("a/b", "01234567");
  for (const SignedPart part :
       {SignedPart::kNextCall, SignedPart::kNextText, SignedPart::kOwnText, SignedPart::kThought}) {
    const std::string sealed = seal_signature(translation, part, "c2ln+/==");
    CHECK(is_carriage(sealed));
    const auto opened = open_signature(translation, sealed);
    REQUIRE(opened);
    CHECK(opened->part == part);
    CHECK(opened->signature == "c2ln+/==");
    CHECK(open_carriage(sealed)->kind == (part == SignedPart::kNextCall ? "f" : "t"));
    CHECK_FALSE(open_signature(made("a/c", "01234567"), sealed));
    CHECK_FALSE(open_signature(made("a/b", "11234567"), sealed));
    Translation taught = translation;
    taught.lessons.push_back({model::LessonKind::kDropReasoning, ""});
    CHECK_FALSE(open_signature(taught, sealed));
  }
}

TEST_CASE("what others carry is no signature of Gemini") {
  const Translation translation = made("a/b", "01234567");
  Carriage other{"a/b", "01234567", "r", "\"id\":\"x\""};
  for (const std::string& field :
       {std::string(), std::string("Eqk="), std::string("tg1.zzz"), seal_carriage(other)}) {
    CHECK_FALSE(open_signature(translation, field));
  }
  other.kind = "f";
  other.payload = "\"on\":\"next\",\"signature\":\"\"";
  CHECK_FALSE(open_signature(translation, seal_carriage(other)));
}

}  // namespace
}  // namespace tollgate::dialects::gemini_generate
