#pragma once

// The settings.json files of Claude Code; docs/operating/claude-code.md says where each goes.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tollgate/tollgate.h"

namespace tollgate::server {

enum class SettingsKind { kStandard, kSubscription, kProject, kManaged, kServerManaged };

std::optional<SettingsKind> settings_kind(std::string_view name);

/// One line for a person: where the file goes and what to replace in it.
std::string_view settings_note(SettingsKind kind);

/// A model as a client names it.
struct ClientModel {
  std::string name;      ///< The bare integration name where that is unambiguous.
  std::string model_id;  ///< What its provider calls it; tells the family and the version.
  /// A virtual model: what people are meant to use where there is one of the family.
  bool is_virtual = false;
};

/// The models of the configuration in force. Wildcards have no names and are left out.
std::vector<ClientModel> read_models(const tg_gateway* gateway);

std::string claude_settings(SettingsKind kind, const std::string& url,
                            const std::vector<ClientModel>& models);

}  // namespace tollgate::server
