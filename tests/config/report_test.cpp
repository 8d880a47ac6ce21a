#include "config/report.hpp"

#include "support/catch.hpp"

namespace tollgate::config {
namespace {

TEST_CASE("findings come out in the order of the text") {
  Report report("t.yaml");
  report.warning({{7, 1}, "b"}, "second");
  report.error({{2, 9}, "a"}, "first");
  report.error({{7, 1}, "c"}, "third");
  const std::vector<Diagnostic> found = report.take();
  REQUIRE(found.size() == 3);
  CHECK(found[0].message == "first");
  CHECK(found[1].message == "second");
  CHECK(found[2].message == "third");
}

TEST_CASE("a flood is counted, and its first error kept") {
  Report report("t.yaml");
  for (int i = 0; i < 2'000; ++i)
    report.warning({{1, 1}, ""}, "noise");
  CHECK(report.full());
  CHECK_FALSE(report.has_errors());
  report.error({{9, 9}, "x"}, "the one that counts");
  report.error({{9, 9}, "x"}, "another");
  CHECK(report.has_errors());
  const std::vector<Diagnostic> found = report.take();
  REQUIRE(found.size() == 502);
  CHECK(found[500].message == "the one that counts");
  CHECK(found[501].message == "1501 further findings are not shown");
  CHECK(found[501].severity == Severity::kError);
}

TEST_CASE("quoted text is short and on one line") {
  CHECK(shown("plain") == "plain");
  CHECK(shown("two\nlines\x1b[31m") == "two?lines?[31m");
  CHECK(shown(std::string(100, 'x')) == std::string(64, 'x') + "…");
  // The cut does not split a character.
  CHECK(shown(std::string(63, 'x') + "\u00e4\u00e4") == std::string(63, 'x') + "…");
}

TEST_CASE("the nearest name is suggested, a far one is not") {
  CHECK(nearest("model_idd", {"name", "model_id"}) == "model_id");
  CHECK(nearest("modelId", {"name", "model_id"}) == "model_id");
  CHECK(nearest("key", {"type", "api_key"}) == "api_key");
  CHECK(nearest("banana", {"name", "model_id"}).empty());
}

}  // namespace
}  // namespace tollgate::config
