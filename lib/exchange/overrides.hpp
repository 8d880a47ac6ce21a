#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "dialects/dialect.hpp"
#include "exchange/environment.hpp"
#include "model/request.hpp"
#include "providers/provider.hpp"

namespace tollgate::exchange {

/// What a route's override_params change in a request that is translated.
struct Overrides {
  std::vector<providers::MemberEdit> asked;  ///< In the client's words, before the translation.
  std::vector<providers::MemberEdit> sent;   ///< In the upstream's words, behind it.
};

/// A member that the client's dialect has means what it means there, whatever the target speaks;
/// any other one is the upstream's. The answer's maximum is one thing under all its names.
Overrides overrides_of_translated(const std::vector<providers::MemberEdit>& edits,
                                  const dialects::Dialect& client);

/// The same for a body that passes in the dialect it came in: the answer's maximum gets the name
/// that this body uses, and a count of tokens only what is counted.
std::vector<providers::MemberEdit> overrides_of_passing(
    const std::vector<providers::MemberEdit>& edits, const dialects::Dialect& client,
    std::string_view body, dialects::Operation operation);

/// The request's facts with these overrides, where one may bring in what facts count: tools, a
/// budget for thinking. Nothing where none does, or where the result cannot be read.
std::optional<model::RequestFacts> facts_with(const std::vector<providers::MemberEdit>& edits,
                                              const dialects::Dialect& client,
                                              std::string_view body, DocumentPool& documents);

}  // namespace tollgate::exchange
