#include <unordered_map>
#include <utility>

#include "config/document_types.hpp"
#include "config/names.hpp"
#include "config/routing_reading.hpp"

namespace tollgate::config {
namespace {

void read_when(StrictMapping& mapping, Draft& draft, RoutingRuleDraft& out) {
  Reading& reading = mapping.reading();
  const std::optional<Value> value = mapping.take("when");
  if (!value) return;
  StrictMapping when(reading, *value);
  if (const std::optional<Value> list = when.take("subjects")) {
    out.rule.subjects = read_subject_list(reading, *list, draft).subjects;
  }
  if (const std::optional<Value> list = when.take("models")) {
    for (const Value& item : read_list(reading, *list)) {
      std::optional<std::string> name = read_string(reading, item);
      if (!name) continue;
      if (*name != "*") out.models.push_back({*name, item.place()});
      out.rule.models.push_back(std::move(*name));
    }
  }
  if (const std::optional<Value> pairs = when.take("metadata")) {
    out.rule.metadata = read_pairs(reading, *pairs);
  }
  when.done();
}

}  // namespace

/// type: gateway-load-balancing-config
void read_routing_rules(StrictMapping& document, Draft& draft) {
  Reading& reading = document.reading();
  document.take("name");
  std::unordered_map<std::string, Mark> ids;
  const std::optional<Value> list = document.require("rules");
  for (const Value& item : list ? read_list(reading, *list) : std::vector<Value>{}) {
    StrictMapping mapping(reading, item);
    if (!mapping.valid()) continue;
    RoutingRuleDraft out;
    out.place = item.place();
    if (const std::optional<Value> id = mapping.require("id")) {
      out.place = id->place();
      out.rule.id = read_string(reading, *id).value_or("");
      const auto [first, added] = ids.emplace(out.rule.id, out.place.mark);
      if (!added) {
        reading.report.error(out.place, "a second rule of this id, the first is in line " +
                                            std::to_string(first->second.line));
      }
    }
    read_when(mapping, draft, out);
    out.routing = read_routing(mapping, RoutingPlace::kRule);
    mapping.done();
    draft.routing_rules.push_back(std::move(out));
  }
  const Place place = document.where().place();
  if (draft.routing_rules_place) {
    reading.report.error(place,
                         "a second gateway-load-balancing-config document, the first is in line " +
                             std::to_string(draft.routing_rules_place->mark.line));
    return;
  }
  draft.routing_rules_place = place;
}

}  // namespace tollgate::config
