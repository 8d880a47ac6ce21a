#include "config/diagnostic.hpp"

#include "support/catch.hpp"

namespace tollgate::config {
namespace {

TEST_CASE("a diagnostic is one line") {
  const Diagnostic error{Severity::kError, "a.yaml", 3, 7, "x[0].nam", "unknown key", "x[0].name"};
  CHECK(to_line(error) == "a.yaml:3:7: x[0].nam: unknown key (did you mean x[0].name?)");
  const Diagnostic warning{Severity::kWarning, "a.yaml", 1, 1, "", "nobody can call", ""};
  CHECK(to_line(warning) == "a.yaml:1:1: warning: nobody can call");
}

TEST_CASE("diagnostics as JSON count errors and warnings") {
  CHECK(to_json({}) == R"({"errors":0,"warnings":0,"diagnostics":[]})");
  CHECK(to_json({{Severity::kError, "a.yaml", 3, 7, "x", "say \"no\"", "y"},
                 {Severity::kWarning, "a.yaml", 4, 1, "", "hm", ""}}) ==
        R"({"errors":1,"warnings":1,"diagnostics":[)"
        R"({"severity":"error","file":"a.yaml","line":3,"column":7,"path":"x",)"
        R"("message":"say \"no\"","suggestion":"y"},)"
        R"({"severity":"warning","file":"a.yaml","line":4,"column":1,"path":"",)"
        R"("message":"hm","suggestion":""}]})");
}

}  // namespace
}  // namespace tollgate::config
