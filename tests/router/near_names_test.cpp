#include "router/catalog.hpp"
#include "support/catch.hpp"

namespace tollgate::router {
namespace {

using Names = std::vector<std::string>;

const Names kModels = {"main/claude-sonnet-4-5", "main/claude-haiku-4-5", "main/claude-opus-4-6",
                       "spare/gpt-5"};

struct NearCase {
  const char* name;
  std::string_view wanted;
  Names nearest;
};

const NearCase kCases[] = {
    {"a letter too few", "main/claude-sonet-4-5", {"main/claude-sonnet-4-5"}},
    {"another case", "MAIN/Claude-Sonnet-4-5", {"main/claude-sonnet-4-5"}},
    {"a wrong account", "mian/claude-opus-4-6", {"main/claude-opus-4-6"}},
    {"no account", "claude-opus-4-7", {"main/claude-opus-4-6"}},
    {"a part of the name", "sonnet", {"main/claude-sonnet-4-5"}},
    {"a dated name", "claude-sonnet-4-5-20250929", {"main/claude-sonnet-4-5"}},
    {"nothing like it", "mistral-large", {}},
    {"nothing at all", "", {}},
};

TEST_CASE("the nearest name comes first") {
  for (const NearCase& row : kCases) {
    CAPTURE(row.name);
    const Names found = near_names(row.wanted, kModels, 3);
    if (row.nearest.empty()) {
      CHECK(found.empty());
      continue;
    }
    REQUIRE_FALSE(found.empty());
    CHECK(found.front() == row.nearest.front());
  }
}

TEST_CASE("no more names come than were asked for") {
  CHECK(near_names("claude", kModels, 2).size() == 2);
  CHECK(near_names("claude", kModels, 0).empty());
}

TEST_CASE("very long and very many names are compared within bounds") {
  const std::string base(100'000, 'a');
  const Names many(20'000, base);
  const Names found = near_names(base + "b", many, 1);
  CHECK(found.size() == 1);
}

}  // namespace
}  // namespace tollgate::router
