#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/text_hash.hpp"
#include "router/routing.hpp"

namespace tollgate::router {

/// All virtual models by name, and the rules in their order. Immutable after build.
class Routes {
 public:
  static Routes build(std::vector<VirtualModel> models, std::vector<RoutingRule> rules);

  static constexpr size_t kNone = SIZE_MAX;
  /// The virtual model of this full name or slug; kNone when there is none.
  size_t find(std::string_view name) const;
  /// The only virtual model that is called so behind its group; kNone when none or several are.
  size_t find_bare(std::string_view name) const;

  const std::vector<VirtualModel>& models() const { return models_; }
  const std::vector<RoutingRule>& rules() const { return rules_; }

 private:
  using Index = std::unordered_map<std::string, size_t, TextHash, std::equal_to<>>;

  std::vector<VirtualModel> models_;
  std::vector<RoutingRule> rules_;
  Index by_name_;
  Index by_bare_name_;
};

}  // namespace tollgate::router
