#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {

inline std::string shown(const std::vector<policy::Limit>& limits) {
  std::string text;
  for (const policy::Limit& limit : limits) {
    if (!text.empty()) text += ", ";
    text += policy::limit_name(limit) + " " + std::to_string(limit.amount);
  }
  return text;
}

/// The rules of a configuration, one a line.
inline std::string shown(const Configuration& configuration) {
  constexpr std::string_view kModes[] = {"enforce", "soft_enforce", "audit"};
  constexpr std::string_view kDimensions[] = {"user",    "team",    "virtualaccount",
                                              "model",   "account", "metadata.",
                                              "session", "agent",   "parent-agent"};
  std::string text;
  for (const policy::Rule& rule : configuration.rules.rules()) {
    text += rule.key;
    if (rule.group != policy::kNoGroup) text += " group " + std::to_string(rule.group);
    text += " " + std::string(kModes[static_cast<size_t>(rule.mode)]);
    if (rule.depends_on_target()) text += " target";
    for (size_t i = 0; i < rule.per.size(); ++i) {
      text += (i == 0 ? " per " : "+") +
              std::string(kDimensions[static_cast<size_t>(rule.per[i].dimension)]) +
              rule.per[i].key;
    }
    text += ": " + shown(rule.limits);
    std::vector<std::string> entities;
    for (const auto& [entity, limits] : rule.overrides)
      entities.push_back(entity + ": " + shown(limits));
    std::sort(entities.begin(), entities.end());
    for (const std::string& entity : entities)
      text += "; " + entity;
    text += "\n";
  }
  return text;
}

}  // namespace tollgate::config
