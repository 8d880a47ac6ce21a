#include "config/model_reading.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/limits.hpp"
#include "config/names.hpp"
#include "config/routing_reading.hpp"

namespace tollgate::config {
namespace {

constexpr int64_t kTokensMax = 1'000'000'000;

/// The name callers use. It may hold slashes; "*" passes any model id.
std::string read_model_name(StrictMapping& mapping, Place& place) {
  const std::optional<Value> value = mapping.require("name");
  std::optional<std::string> name = value ? read_string(mapping.reading(), *value) : std::nullopt;
  if (!name) return {};
  place = value->place();
  if (!is_plain_name(*name, limits::kModelNameBytesMax)) {
    mapping.reading().report.error(place, "must be 1 to 512 characters without spaces");
    return {};
  }
  return std::move(*name);
}

void read_model_id(StrictMapping& mapping, std::string_view alias,
                   router::Integration& integration) {
  // A model that is routed to others needs no id of its own.
  const bool routed = mapping.take("routing_config").has_value();
  std::optional<Value> value = alias.empty() ? std::nullopt : mapping.take(alias);
  if (!value) {
    value = integration.is_wildcard() || routed ? mapping.take("model_id")
                                                : mapping.require("model_id");
  }
  if (!value && routed) integration.model_id = integration.name;
  std::optional<std::string> id = value ? read_string(mapping.reading(), *value) : std::nullopt;
  if (!id) return;
  if (integration.is_wildcard()) {
    if (*id != "*") {
      mapping.reading().report.error(value->place(),
                                     "name \"*\" passes the id that the client "
                                     "asks for: remove model_id");
    }
    return;
  }
  if (!is_plain_name(*id, limits::kModelNameBytesMax)) {
    mapping.reading().report.error(value->place(), "must be 1 to 512 characters without spaces");
    return;
  }
  integration.model_id = std::move(*id);
}

void read_model_types(StrictMapping& mapping, router::Integration& integration) {
  constexpr std::string_view kTypes[] = {"chat",
                                         "completion",
                                         "embedding",
                                         "realtime",
                                         "rerank",
                                         "audio_transcription",
                                         "audio_translation",
                                         "text_to_speech",
                                         "moderation",
                                         "image",
                                         "responses",
                                         "ocr"};
  Reading& reading = mapping.reading();
  const std::optional<Value> value = mapping.take("model_types");
  if (!value) {
    integration.model_types = {"chat"};
    return;
  }
  bool sound = value->node->kind == NodeKind::kSequence;
  for (const Value& item : read_list(reading, *value)) {
    std::optional<std::string> type = read_string(reading, item);
    sound = sound && type.has_value();
    if (!type) continue;
    if (std::find(std::begin(kTypes), std::end(kTypes), *type) == std::end(kTypes)) {
      reading.report.error(item.place(), "unknown model type " + shown(item.node->text),
                           nearest(item.node->text, {std::begin(kTypes), std::end(kTypes)}));
      sound = false;
      continue;
    }
    integration.model_types.push_back(std::move(*type));
  }
  const std::vector<std::string>& types = integration.model_types;
  if (sound && std::find(types.begin(), types.end(), "chat") == types.end()) {
    reading.report.warning(
        value->place(), "this version serves chat only: requests for this model are sent as chat");
  }
}

/// Takes `type`, which says no more than the account's type does.
void read_kind(StrictMapping& mapping, std::span<const std::string_view> kinds) {
  if (!mapping.take("type")) return;
  std::vector<std::string> names;
  for (const std::string_view kind : kinds)
    names.push_back("integration/model/" + std::string(kind));
  mapping.choice("type", {names.begin(), names.end()});
}

std::optional<bool> read_flag(StrictMapping& mapping, std::string_view key) {
  const std::optional<Value> value = mapping.take(key);
  return value ? read_bool(mapping.reading(), *value) : std::nullopt;
}

std::optional<int64_t> read_tokens(StrictMapping& mapping, std::string_view key) {
  const std::optional<Value> value = mapping.take(key);
  return value ? read_integer(mapping.reading(), *value, 1, kTokensMax) : std::nullopt;
}

std::optional<std::string> read_choice(StrictMapping& mapping, std::string_view key,
                                       const std::vector<std::string_view>& choices) {
  if (!mapping.take(key)) return std::nullopt;
  const std::optional<size_t> chosen = mapping.choice(key, choices);
  return chosen ? std::optional<std::string>(choices[*chosen]) : std::nullopt;
}

/// Takes `capabilities`: what the built-in table does not know of a model, or has wrong.
model::FactOverrides read_capabilities(StrictMapping& holder) {
  model::FactOverrides said;
  const std::optional<Value> value = holder.take("capabilities");
  if (!value) return said;
  StrictMapping mapping(holder.reading(), *value);
  said.images = read_flag(mapping, "images");
  said.pdf = read_flag(mapping, "pdf");
  said.tools = read_flag(mapping, "tools");
  said.thinking = read_flag(mapping, "thinking");
  said.structured_output = read_flag(mapping, "structured_output");
  said.context_window = read_tokens(mapping, "context_window");
  said.output_tokens_max = read_tokens(mapping, "max_output_tokens");
  said.output_tokens_min = read_tokens(mapping, "min_output_tokens");
  said.takes_sampling = read_flag(mapping, "sampling");
  said.takes_stop = read_flag(mapping, "stop_sequences");
  said.takes_parallel_switch = read_flag(mapping, "parallel_tool_switch");
  said.thinks_unasked = read_flag(mapping, "thinks_by_default");
  if (mapping.take("efforts")) said.efforts = mapping.strings("efforts");
  said.token_field = read_choice(mapping, "token_field", {"max_tokens", "max_completion_tokens"});
  said.system_role =
      read_choice(mapping, "system_role", {"system", "developer", "user", "prepend"});
  said.think_tags = read_choice(mapping, "think_tags", {"pair", "close_only"});
  mapping.done();
  return said;
}

void read_price(ModelReading& context, StrictMapping& mapping, IntegrationDraft& out) {
  const std::optional<Value> cost = mapping.take("cost");
  if (cost) out.price = read_cost(context.reading, *cost, context.discount).price;
}

/// Takes the keys that decide how the model is addressed.
void read_addressing(const AccountType& type, StrictMapping& mapping,
                     router::Integration& integration) {
  if (type.apis.empty()) {
    mapping.not_supported({"api"});
  } else {
    integration.api =
        read_choice(mapping, "api", {type.apis.begin(), type.apis.end()}).value_or("");
  }
  if (type.has_deployments) {
    integration.deployment = mapping.string("deployment").value_or("");
    integration.api_version = mapping.string("api_version").value_or("");
  }
  if (type.has_region) {
    integration.region = mapping.string("region").value_or("");
  } else {
    mapping.not_supported({"region"});
  }
}

/// A deployment's name is what the upstream is told; what model it is, `model_id` says then.
void name_deployment(IntegrationDraft& out) {
  if (out.integration.deployment.empty() || out.integration.is_wildcard()) return;
  if (out.known_as.empty()) out.known_as = out.integration.model_id;
  out.integration.model_id = out.integration.deployment;
}

void find_facts(const AccountType& type, IntegrationDraft& out) {
  if (out.integration.is_wildcard()) return;
  name_deployment(out);
  out.integration.known_as = out.known_as;
  const std::string& id = out.known_as.empty() ? out.integration.model_id : out.known_as;
  out.integration.facts = model::known_facts(type.type, id);
  model::apply(out.integration.said, out.integration.facts);
}

}  // namespace

IntegrationDraft read_model(ModelReading& context, const Value& item) {
  IntegrationDraft out;
  out.place = item.place();
  StrictMapping mapping(context.reading, item);
  out.integration.name = read_model_name(mapping, out.place);
  read_model_id(mapping, context.type.model_id_alias, out.integration);
  out.integration.display_name = mapping.string("display_name").value_or("");
  read_kind(mapping, context.type.model_kinds);
  read_model_types(mapping, out.integration);
  out.grants = read_subjects(mapping, context.draft);
  read_price(context, mapping, out);
  read_addressing(context.type, mapping, out.integration);
  out.integration.said = read_capabilities(mapping);
  if (context.type.read_model != nullptr) context.type.read_model(mapping, context.account, out);
  find_facts(context.type, out);
  out.protection = read_protection(mapping);
  read_routed_integration(mapping, context.account, out, context.draft);
  mapping.done();
  return out;
}

}  // namespace tollgate::config
