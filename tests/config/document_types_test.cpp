#include "config/document_types.hpp"

#include <algorithm>
#include <set>

#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

/// What a message lists: every type of the table, then the accounts.
std::string known_types() {
  std::string text = "known are ";
  for (const DocumentType& one : document_types())
    text += std::string(one.type) + ", ";
  return text + "provider-account/*";
}

TEST_CASE("document types are listed once") {
  std::set<std::string_view> types;
  for (const DocumentType& one : document_types())
    CHECK(types.insert(one.type).second);
}

const FindingCase kTypes[] = {
    {"no type", "name: a\n", "t.yaml:1:1: type: is required\n"},
    {"a document that is no mapping", "- type: user\n",
     "t.yaml:1:1: must be a mapping, found is a list\n"},
    {"a type that is no string", "type: [user]\n",
     "t.yaml:1:7: type: must be a string, found is a list\n"},
    {"guardrails", "type: gateway-guardrails-config\nname: daily\n",
     "t.yaml:1:7: type: this version of tollgate does not know guardrails: nothing in a "
     "gateway-guardrails-config document would be kept, remove it\n"},
    {"a provider", "type: provider-account/nomic\n",
     "t.yaml:1:7: type: this version of tollgate does not know this provider: nothing in a "
     "provider-account/nomic document would be kept, remove it\n"},
    {"an MCP server", "type: mcp-server/remote\n",
     "t.yaml:1:7: type: this version of tollgate does not know MCP servers: nothing in a "
     "mcp-server/remote document would be kept, remove it\n"},
};

TEST_CASE("documents this version does not read are errors that say so") {
  for (const FindingCase& row : kTypes) {
    CAPTURE(row.name);
    const LoadResult result = load_text(row.text);
    CHECK(findings_of(result) == row.findings);
    CHECK_FALSE(result.configuration);
  }
}

TEST_CASE("every gateway document of the reference is known or refused by name") {
  for (const char* type :
       {"gateway-rate-limiting-config", "tenant-rate-limit-config/model",
        "tenant-rate-limit-config/mcp", "gateway-budget-config", "tenant-budget-config",
        "team-budget-config", "gateway-guardrails-config", "gateway-metadata-config",
        "gateway-logging-config", "gateway-data-routing-config", "gateway-data-access-config",
        "gateway-otel-config", "provider-account/guardrail-config-group",
        "provider-account/ai21"}) {
    CAPTURE(type);
    const LoadResult result = load_text("type: " + std::string(type) + "\n");
    const auto known = [type](const DocumentType& one) { return one.type == type; };
    const auto all = document_types();
    if (std::any_of(all.begin(), all.end(), known)) continue;
    CHECK(findings_of(result).find("this version of tollgate does not know") != std::string::npos);
    CHECK_FALSE(result.configuration);
  }
}

TEST_CASE("a misspelt type gets the nearest one") {
  CHECK(findings_of(load_text("type: virtual-acount\n")) ==
        "t.yaml:1:7: type: unknown type virtual-acount; " + known_types() +
            " (did you mean virtual-account?)\n");
  CHECK(findings_of(load_text("type: provider-account/antropic\n")) ==
        "t.yaml:1:7: type: unknown type provider-account/antropic; " + known_types() +
            " (did you mean provider-account/anthropic?)\n");
  CHECK(findings_of(load_text("type: zebra\n")) ==
        "t.yaml:1:7: type: unknown type zebra; " + known_types() + "\n");
}

}  // namespace
}  // namespace tollgate::config
