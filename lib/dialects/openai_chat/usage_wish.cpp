#include <algorithm>

#include "dialects/openai_chat/parts.hpp"
#include "json/reader.hpp"
#include "json/walk.hpp"

namespace tollgate::dialects::openai_chat {
namespace {

constexpr std::string_view kOptions = "stream_options";

/// The client's options with the wish among them.
std::string with_wish(std::string_view body) {
  std::string members = R"("include_usage":true)";
  json::Document document;
  const auto root = document.parse(body);
  if (!root.ok()) return "{" + members + "}";
  for (json::MemberWalk walk(root.value(), body); walk.next();) {
    if (walk.key() != kOptions || !walk.value().is_object()) continue;
    for (json::MemberWalk option(walk.value(), walk.text()); option.next();) {
      if (option.key() != "include_usage") json::append_member(members, option.whole());
    }
  }
  return "{" + members + "}";
}

}  // namespace

std::optional<std::pair<std::string, std::string>> usage_wish(const model::Request& request,
                                                              std::string_view body,
                                                              const Translation& translation) {
  if (!request.stream || request.stream_usage || !translation.traits.stream_options) {
    return std::nullopt;
  }
  const bool refused = std::any_of(
      translation.lessons.begin(), translation.lessons.end(), [](const model::Lesson& lesson) {
        return lesson.kind == model::LessonKind::kDropField && lesson.value == kOptions;
      });
  if (refused) return std::nullopt;
  return std::pair(std::string(kOptions), with_wish(body));
}

bool is_wished_usage(std::string_view data) {
  // Most chunks tell no usage at all, and need no parser to say so.
  if (data.find("\"usage\"") == std::string_view::npos) return false;
  json::Document document;
  const auto root = document.parse(data);
  if (!root.ok() || !root.value()["usage"].is_object()) return false;
  const json::Value choices = root.value()["choices"];
  return choices.is_array() && choices.size() == 0;
}

}  // namespace tollgate::dialects::openai_chat
