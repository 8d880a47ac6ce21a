#include <string>
#include <utility>

#include "base/limits.hpp"
#include "config/document_types.hpp"
#include "config/names.hpp"
#include "config/rule_reading.hpp"

namespace tollgate::config {
namespace {

void read_pairs(StrictMapping& rule, ForcedMetadata& out) {
  Reading& reading = rule.reading();
  const std::optional<Value> value = rule.require("metadata_override");
  if (!value) return;
  for (const Entry& entry : read_entries(reading, *value)) {
    std::optional<std::string> text = read_string(reading, entry.value);
    if (!text) continue;
    if (!is_plain_name(entry.key, limits::kMetadataValueBytesMax) ||
        text->size() > limits::kMetadataValueBytesMax) {
      reading.report.error(entry.value.place(),
                           "metadata has keys without spaces and values of at most " +
                               std::to_string(limits::kMetadataValueBytesMax) + " bytes");
      continue;
    }
    out.values.emplace_back(entry.key, std::move(*text));
  }
}

}  // namespace

void read_metadata_config(StrictMapping& document, Draft& draft) {
  Reading& reading = document.reading();
  document.take("name");
  const std::optional<Value> rules = document.require("rules");
  if (!rules) return;
  for (const Value& item : read_list(reading, *rules)) {
    StrictMapping rule(reading, item);
    if (!rule.valid()) continue;
    ForcedMetadata forced;
    forced.id = rule.require_string("id").value_or("");
    forced.when = read_when_lists(rule, draft);
    read_pairs(rule, forced);
    rule.done();
    if (forced.when.has_models || !forced.when.metadata.empty()) {
      reading.report.error(item.place(), "metadata is forced by subjects alone");
    }
    draft.forced_metadata.push_back(std::move(forced));
  }
}

}  // namespace tollgate::config
