#include "claude_settings.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "bytes.hpp"
#include "json.hpp"

namespace tollgate::server {

namespace {

constexpr std::string_view kTokenPlaceholder = "REPLACE-WITH-YOUR-TOLLGATE-TOKEN";
/// A program of the administrator's that prints the person's token.
constexpr std::string_view kTokenHelper = "/usr/local/bin/tollgate-token";

/// The aliases of Claude Code and the variables that say what they stand for.
constexpr std::pair<std::string_view, std::string_view> kFamilies[] = {
    {"opus", "ANTHROPIC_DEFAULT_OPUS_MODEL"},
    {"sonnet", "ANTHROPIC_DEFAULT_SONNET_MODEL"},
    {"haiku", "ANTHROPIC_DEFAULT_HAIKU_MODEL"},
    {"fable", "ANTHROPIC_DEFAULT_FABLE_MODEL"},
};

/// The numbers of a model id: versions first, then the date, so that sonnet-4-5 is newer than
/// sonnet-4-20250514.
struct ModelAge {
  std::vector<uint64_t> version;
  uint64_t date = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): the check takes the generated comparison for a pointer.
  auto operator<=>(const ModelAge&) const = default;
};

ModelAge age_of(std::string_view model_id) {
  constexpr uint64_t kFirstDate = 20'000'000;
  ModelAge age;
  size_t at = 0;
  while (at < model_id.size()) {
    uint64_t number = 0;
    size_t digits = 0;
    while (at + digits < model_id.size() && digits < 9 && model_id[at + digits] >= '0' &&
           model_id[at + digits] <= '9') {
      number = number * 10 + static_cast<uint64_t>(model_id[at + digits] - '0');
      ++digits;
    }
    if (digits > 0 && number >= kFirstDate) {
      age.date = number;
    } else if (digits > 0) {
      age.version.push_back(number);
    }
    at += digits > 0 ? digits : 1;
  }
  return age;
}

const ClientModel* newest(const std::vector<ClientModel>& models, std::string_view family) {
  const ClientModel* best = nullptr;
  for (const ClientModel& model : models) {
    if (model.model_id.find(family) == std::string::npos &&
        model.name.find(family) == std::string::npos) {
      continue;
    }
    const bool better = best == nullptr || (best->is_virtual == model.is_virtual
                                                ? age_of(best->model_id) < age_of(model.model_id)
                                                : model.is_virtual);
    if (better) best = &model;
  }
  return best;
}

/// Writes an object line by line with two blanks a level: these files are read by people.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += "{"; }

  void text(std::string_view key, std::string_view value) {
    begin(key);
    append_json_string(out_, value);
  }
  void object(std::string_view key) {
    begin(key);
    out_ += "{";
    indent_ += "  ";
    first_ = true;
  }
  void end_object() {
    indent_.resize(indent_.size() - 2);
    out_ += "\n" + indent_ + "}";
    first_ = false;
  }
  void list(std::string_view key, const std::vector<ClientModel>& models) {
    begin(key);
    out_ += "[";
    for (size_t i = 0; i < models.size(); ++i) {
      out_ += (i == 0 ? "\n" : ",\n") + indent_ + "  ";
      append_json_string(out_, models[i].name);
    }
    out_ += "\n" + indent_ + "]";
  }

 private:
  void begin(std::string_view key) {
    out_ += (first_ ? "\n" : ",\n") + indent_;
    first_ = false;
    append_json_string(out_, key);
    out_ += ": ";
  }

  std::string& out_;
  std::string indent_ = "  ";
  bool first_ = true;
};

}  // namespace

std::optional<SettingsKind> settings_kind(std::string_view name) {
  if (name == "standard") return SettingsKind::kStandard;
  if (name == "subscription") return SettingsKind::kSubscription;
  if (name == "project") return SettingsKind::kProject;
  if (name == "managed") return SettingsKind::kManaged;
  if (name == "server-managed") return SettingsKind::kServerManaged;
  return std::nullopt;
}

std::string_view settings_note(SettingsKind kind) {
  switch (kind) {
    case SettingsKind::kStandard:
      return "For ~/.claude/settings.json; replace the token by your own.";
    case SettingsKind::kSubscription:
      return "For ~/.claude/settings.json beside a Claude login; replace the token by your own.";
    case SettingsKind::kProject:
      return "For .claude/settings.json in the repository; everybody keeps ANTHROPIC_AUTH_TOKEN in "
             "their own environment or in .claude/settings.local.json.";
    case SettingsKind::kManaged:
      return "For /etc/claude-code/managed-settings.json (Linux) or /Library/Application "
             "Support/ClaudeCode/managed-settings.json (macOS); apiKeyHelper names a program of "
             "yours that prints the person's token.";
    case SettingsKind::kServerManaged:
      break;
  }
  return "For the managed settings in the Claude admin console; apiKeyHelper names a program of "
         "yours, on every machine, that prints the person's token.";
}

std::vector<ClientModel> read_models(const tg_gateway* gateway) {
  std::vector<ClientModel> models;
  tg_text* made = nullptr;
  if (tg_gateway_describe(gateway, &made, nullptr) != TG_OK) return models;
  const Owned<tg_text> text(made);
  JsonDocument document;
  const JsonValue described = document.parse(to_view(tg_text_bytes(made)));
  described.member("virtual_models").each_item([&](JsonValue entry) {
    const std::string name(entry.member("name").text());
    const std::string slug(entry.member("slug").text());
    models.push_back({slug.empty() ? name : slug, name, true});
  });
  const JsonValue entries = described.member("models");
  std::map<std::string, int, std::less<>> accounts_with;
  entries.each_item(
      [&](JsonValue entry) { ++accounts_with[std::string(entry.member("integration").text())]; });
  entries.each_item([&](JsonValue entry) {
    const std::string integration(entry.member("integration").text());
    if (integration == "*") return;
    const bool alone = accounts_with[integration] == 1;
    models.push_back({alone ? integration : std::string(entry.member("name").text()),
                      std::string(entry.member("model_id").text()), false});
  });
  return models;
}

std::string claude_settings(SettingsKind kind, const std::string& url,
                            const std::vector<ClientModel>& models) {
  std::string out;
  ObjectWriter writer(out);
  if (kind == SettingsKind::kManaged || kind == SettingsKind::kServerManaged) {
    writer.text("apiKeyHelper", kTokenHelper);
  }
  writer.object("env");
  writer.text("ANTHROPIC_BASE_URL", url);
  if (kind == SettingsKind::kStandard) writer.text("ANTHROPIC_AUTH_TOKEN", kTokenPlaceholder);
  if (kind == SettingsKind::kSubscription) {
    writer.text("ANTHROPIC_CUSTOM_HEADERS",
                "x-tollgate-api-key: " + std::string(kTokenPlaceholder));
  }
  for (const auto& [family, variable] : kFamilies) {
    if (const ClientModel* model = newest(models, family)) writer.text(variable, model->name);
  }
  writer.end_object();
  if (!models.empty()) {
    const ClientModel* model = newest(models, "sonnet");
    if (model == nullptr) model = newest(models, "opus");
    writer.text("model", (model == nullptr ? models.front() : *model).name);
    writer.list("availableModels", models);
  }
  return out + "\n}\n";
}

}  // namespace tollgate::server
