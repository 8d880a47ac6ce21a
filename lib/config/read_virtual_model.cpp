#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "config/document_types.hpp"
#include "config/names.hpp"
#include "config/routing_reading.hpp"

namespace tollgate::config {
namespace {

std::vector<std::string> read_model_types(StrictMapping& mapping) {
  constexpr std::string_view kTypes[] = {"chat",
                                         "completion",
                                         "embedding",
                                         "rerank",
                                         "moderation",
                                         "audio_transcription",
                                         "audio_translation",
                                         "text_to_speech",
                                         "image",
                                         "responses"};
  Reading& reading = mapping.reading();
  std::vector<std::string> types;
  const std::optional<Value> value = mapping.take("model_types");
  for (const Value& item : value ? read_list(reading, *value) : std::vector<Value>{}) {
    std::optional<std::string> type = read_string(reading, item);
    if (!type) continue;
    if (std::find(std::begin(kTypes), std::end(kTypes), *type) == std::end(kTypes)) {
      reading.report.error(item.place(), "unknown model type " + shown(item.node->text),
                           nearest(item.node->text, {std::begin(kTypes), std::end(kTypes)}));
      continue;
    }
    types.push_back(std::move(*type));
  }
  return types;
}

bool read_model_name(StrictMapping& mapping, VirtualModelDraft& out) {
  const std::optional<Value> value = mapping.require("name");
  std::optional<std::string> name = value ? read_string(mapping.reading(), *value) : std::nullopt;
  if (!name) return false;
  out.place = value->place();
  if (!is_plain_name(*name, limits::kModelNameBytesMax) || *name == "*") {
    mapping.reading().report.error(out.place, "must be 1 to 512 characters without spaces");
    return false;
  }
  out.model.bare = std::move(*name);
  return true;
}

void read_slug(StrictMapping& mapping, VirtualModelDraft& out) {
  const std::optional<Value> value = mapping.take("slug");
  std::optional<std::string> slug = value ? read_string(mapping.reading(), *value) : std::nullopt;
  if (!slug) return;
  out.slug_place = value->place();
  if (!is_plain_name(*slug, limits::kModelNameBytesMax)) {
    mapping.reading().report.error(out.slug_place, "must be 1 to 512 characters without spaces");
    return;
  }
  out.model.slug = std::move(*slug);
}

/// Reads what a virtual model has besides its group; false when it cannot be named.
bool read_model(StrictMapping& mapping, Draft& draft, VirtualModelDraft& out) {
  const bool named = read_model_name(mapping, out);
  read_slug(mapping, out);
  out.model.model_types = read_model_types(mapping);
  out.grants = read_subjects(mapping, draft);
  out.routing = read_routing_config(mapping);
  return named;
}

}  // namespace

/// type: provider-account/virtual-model
void read_virtual_models(StrictMapping& document, Draft& draft) {
  Reading& reading = document.reading();
  std::string group;
  const std::optional<Value> name = document.require("name");
  if (std::optional<std::string> text = name ? read_string(reading, *name) : std::nullopt) {
    if (is_account_name(*text)) {
      group = std::move(*text);
    } else {
      reading.report.error(
          name->place(), "must be 3 to 64 letters, digits and hyphens, not starting with a digit");
    }
  }
  const policy::Grants grants = read_collaborators(document, draft);
  document.take("ownedBy");
  const std::optional<Value> list = document.require("integrations");
  for (const Value& item : list ? read_list(reading, *list) : std::vector<Value>{}) {
    StrictMapping mapping(reading, item);
    if (!mapping.valid()) continue;
    VirtualModelDraft out;
    if (mapping.take("type")) mapping.choice("type", {"integration/model/virtual"});
    const bool named = read_model(mapping, draft, out);
    mapping.take("display_name");
    mapping.done();
    if (!named || group.empty()) continue;
    out.model.group = group;
    out.model.name = group + "/" + out.model.bare;
    out.group_grants = grants;
    draft.virtual_models.push_back(std::move(out));
  }
}

/// A document that is one named model with a routing_config, in no group.
void read_lone_virtual_model(StrictMapping& document, Draft& draft) {
  VirtualModelDraft out;
  const bool named = read_model(document, draft, out);
  out.group_grants = read_collaborators(document, draft);
  document.take("ownedBy");
  if (!named) return;
  out.model.name = out.model.bare;
  draft.virtual_models.push_back(std::move(out));
}

void read_routed_integration(StrictMapping& mapping, const AccountDraft& account,
                             const IntegrationDraft& integration, Draft& draft) {
  VirtualModelDraft out;
  out.place = integration.place;
  read_slug(mapping, out);
  const std::optional<Value> config = mapping.take("routing_config");
  if (!config) {
    if (!out.model.slug.empty()) {
      mapping.reading().report.error(out.slug_place, "goes with a routing_config");
    }
    return;
  }
  out.routing = read_routing_config(mapping);
  const router::Integration& model = integration.integration;
  if (model.is_wildcard()) {
    mapping.reading().report.error(config->place(), "does not go with name \"*\"");
    return;
  }
  if (account.account.name.empty() || model.name.empty()) return;
  out.model.bare = model.name;
  out.model.group = account.account.name;
  out.model.name = account.account.name + "/" + model.name;
  out.group_grants = account.grants;
  out.grants = integration.grants;
  draft.virtual_models.push_back(std::move(out));
}

}  // namespace tollgate::config
