#include "exchange/header_override.hpp"

#include <string>

#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

std::string lines_of(const wire::Headers& headers) {
  std::string lines;
  for (size_t i = 0; i < headers.size(); ++i) {
    lines.append(headers.at(i).name).append("=").append(headers.at(i).value).append(";");
  }
  return lines;
}

struct OverrideCase {
  const char* name;
  router::HeadersOverride changes;
  const char* after;
};

const OverrideCase kCases[] = {
    {"nothing", {}, "accept=json;anthropic-beta=a,b;x-app=cli;"},
    {"replaced without regard to case",
     {{{"X-App", "own"}}, {}},
     "accept=json;X-App=own;anthropic-beta=a,b;"},
    {"added", {{{"x-cost", "1"}}, {}}, "accept=json;x-app=cli;x-cost=1;anthropic-beta=a,b;"},
    {"removed", {{}, {"X-APP"}}, "accept=json;anthropic-beta=a,b;"},
    {"a beta joins the list",
     {{{"anthropic-beta", "c"}}, {}},
     "accept=json;x-app=cli;anthropic-beta=a,b,c;"},
    {"one that is there stays once",
     {{{"Anthropic-Beta", "b, c"}}, {}},
     "accept=json;x-app=cli;anthropic-beta=a,b,c;"},
    {"the list is replaced",
     {{{"anthropic-beta", "c"}}, {"anthropic-beta"}},
     "accept=json;x-app=cli;anthropic-beta=c;"},
};

TEST_CASE("headers of a target") {
  for (const OverrideCase& row : kCases) {
    CAPTURE(row.name);
    wire::Headers headers;
    REQUIRE(headers.add("accept", "json").ok());
    REQUIRE(headers.add("anthropic-beta", "a,b").ok());
    REQUIRE(headers.add("x-app", "cli").ok());
    REQUIRE(apply_headers_override(row.changes, headers).ok());
    CHECK(lines_of(headers) == row.after);
  }
}

TEST_CASE("a value that is not safe is refused") {
  wire::Headers headers;
  CHECK_FALSE(apply_headers_override({{{"x-a", "b\nc"}}, {}}, headers).ok());
}

}  // namespace
}  // namespace tollgate::exchange
