#pragma once

#include <string>
#include <vector>

#include "config/routing_fixture.hpp"
#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {

inline LoadResult load_with_accounts(std::string_view text) {
  return load_text(std::string(kRoutingAccounts) + std::string(text));
}

/// A routing_config and what is found in it.
struct RoutingCase {
  const char* name;
  const char* routing;  ///< Behind "routing_config: ".
  const char* finding;  ///< Behind "routing_config.".
};

inline void check_routing_cases(const std::vector<RoutingCase>& rows) {
  for (const RoutingCase& row : rows) {
    CAPTURE(row.name);
    const LoadResult result =
        load_with_accounts("name: one\nrouting_config: " + std::string(row.routing) + "\n");
    const std::string findings = findings_of(result);
    CAPTURE(findings);
    CHECK(findings.find(": routing_config." + std::string(row.finding) + "\n") !=
          std::string::npos);
  }
}

}  // namespace tollgate::config
