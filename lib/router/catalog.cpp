#include "router/catalog.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"

namespace tollgate::router {
namespace {

/// A wildcard sends whatever the client wrote on to upstreams, headers and records.
bool is_plain_model_id(std::string_view id) {
  if (id.empty() || id.size() > limits::kModelNameBytesMax) return false;
  return std::none_of(id.begin(), id.end(),
                      [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; });
}

}  // namespace

Result<Catalog> Catalog::build(std::vector<Integration> integrations) {
  Catalog catalog;
  catalog.integrations_ = std::move(integrations);
  for (size_t i = 0; i < catalog.integrations_.size(); ++i) {
    const Integration& integration = catalog.integrations_[i];
    const auto index = static_cast<uint32_t>(i);
    catalog.accounts_.insert(integration.account_name);
    if (integration.is_wildcard()) {
      if (!catalog.wildcard_by_account_.emplace(integration.account_name, index).second) {
        return invalid("the account " + integration.account_name + " has two wildcards",
                       "integrations[" + std::to_string(i) + "]");
      }
      catalog.wildcards_.push_back(index);
      continue;
    }
    std::string full_name = integration.account_name + "/" + integration.name;
    if (!catalog.by_full_name_.emplace(full_name, index).second) {
      return invalid("two models are called " + full_name,
                     "integrations[" + std::to_string(i) + "]");
    }
    catalog.by_bare_name_[integration.name].push_back(index);
  }
  return catalog;
}

Target Catalog::target_of(uint32_t integration, std::string_view wildcard_id) const {
  const Integration& found = integrations_[integration];
  const std::string_view id = found.is_wildcard() ? wildcard_id : std::string_view(found.model_id);
  const std::string_view name = found.is_wildcard() ? wildcard_id : std::string_view(found.name);
  std::string full_name;
  full_name.reserve(found.account_name.size() + 1 + name.size());
  full_name.append(found.account_name).append(1, '/').append(name);
  return {integration, std::string(id), std::move(full_name)};
}

Resolved Catalog::found(uint32_t integration, std::string_view wildcard_id) const {
  return {Resolution::kFound, target_of(integration, wildcard_id), {}};
}

Resolved Catalog::resolve(std::string_view model) const {
  if (!is_plain_model_id(model)) return {};
  // Account names hold no slash, so the whole text is one key: the first slash is the cut.
  if (const auto full = by_full_name_.find(model); full != by_full_name_.end()) {
    return found(full->second, {});
  }
  const size_t slash = model.find('/');
  const std::string_view account =
      slash == std::string_view::npos ? std::string_view{} : model.substr(0, slash);
  if (const auto wildcard = wildcard_by_account_.find(account);
      wildcard != wildcard_by_account_.end() && slash + 1 < model.size()) {
    return found(wildcard->second, model.substr(slash + 1));
  }
  if (const auto bare = by_bare_name_.find(model); bare != by_bare_name_.end()) {
    if (bare->second.size() == 1) return found(bare->second.front(), {});
    Resolved ambiguous{Resolution::kAmbiguous, {}, {}};
    for (const uint32_t index : bare->second) {
      ambiguous.alternatives.push_back(target_of(index, {}).name);
    }
    return ambiguous;
  }
  // A name that says which account it means never goes to another one.
  if (accounts_.contains(account)) return {};
  if (wildcards_.size() == 1) return found(wildcards_.front(), model);
  return {};
}

}  // namespace tollgate::router
