#include "providers/anthropic/cache_control.hpp"

#include "support/catch.hpp"

namespace tollgate::providers {
namespace {

TEST_CASE("cache marks keep their type and life only") {
  struct Row {
    const char* name;
    const char* text;
    const char* expected;  ///< Empty: nothing changes.
  };
  const Row rows[] = {
      {"none", R"([{"type":"text","text":"a"}])", ""},
      {"plain", R"([{"cache_control":{"type":"ephemeral","ttl":"1h"}}])", ""},
      {"a scope", R"([{"text":"a" , "cache_control" : {"type":"ephemeral","scope":"global"} }])",
       R"([{"text":"a" , "cache_control" : {"type":"ephemeral"} }])"},
      {"two of them",
       R"([{"cache_control":{"scope":"x","type":"ephemeral"}},{"b":1,"cache_control":{"ttl":"5m","x":2,"type":"ephemeral"}}])",
       R"([{"cache_control":{"type":"ephemeral"}},{"b":1,"cache_control":{"ttl":"5m","type":"ephemeral"}}])"},
      {"in a text", R"([{"text":"\"cache_control\":{\"scope\":1}"}])", ""},
      {"as a value", R"(["cache_control",{"a":"cache_control"}])", ""},
      {"null", R"([{"cache_control":null}])", ""},
      {"a property of that name", R"([{"cache_control":{"type":"object","description":"d"}}])", ""},
      {"an argument of that name", R"([{"input":{"cache_control":{"scope":"global"}}}])", ""},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    model::Losses losses;
    CHECK(plain_cache_control(row.text, losses) == row.expected);
    CHECK(losses.all().empty() == (row.expected[0] == '\0'));
  }
}

}  // namespace
}  // namespace tollgate::providers
