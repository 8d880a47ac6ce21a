#include "dialects/openai_errors.hpp"
#include "dialects/openai_responses/parts.hpp"

namespace tollgate::dialects::openai_responses {

model::Failure read_failure(json::Value event) {
  const json::Value nested = event["response"];
  return openai_failure(0, read_openai_error(nested.is_object() ? nested : event));
}

std::string filter_details(json::Value content_filters) {
  std::string hit;
  for (const json::Value filter : content_filters.elements()) {
    for (const json::Member category : filter["content_filter_results"].members()) {
      if (category.value["filtered"].boolean() != true) continue;
      if (!hit.empty()) hit += ", ";
      hit += category.key;
    }
  }
  if (hit.empty()) return {};
  std::string out;
  json::Writer writer(out);
  writer.begin_object().member("type", "refusal").key("category").null();
  writer.member("explanation", "Blocked by the upstream content filter (" + hit + ").");
  writer.end_object();
  return out;
}

}  // namespace tollgate::dialects::openai_responses
