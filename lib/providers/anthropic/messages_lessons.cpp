#include "providers/anthropic/messages_lessons.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "json/reader.hpp"
#include "json/walk.hpp"
#include "json/writer.hpp"

namespace tollgate::providers {
namespace {

using model::Lesson;
using model::LessonKind;
using model::LossKind;

constexpr std::string_view kAdaptive = "thinking.adaptive";
constexpr std::string_view kBudget = "thinking.enabled";
constexpr std::string_view kEffort = "output_config.effort";
constexpr std::string_view kContextMember = "context_management";
constexpr std::string_view kContextBeta = "context-management-";
/// How a lesson about a beta begins; its name follows.
constexpr std::string_view kBeta = "anthropic-beta ";
constexpr std::string_view kNotPermitted = ": Extra inputs are not permitted";
constexpr size_t kMemberBytesMax = 64;

/// How a message begins, and the value of the lesson in it. What stands further behind may be the
/// client's own words, which must teach nothing that holds for everybody.
struct Wording {
  std::string_view text;
  std::string_view value;
};

constexpr std::array<Wording, 8> kWordings = {{
    {"adaptive thinking is not supported", kAdaptive},
    {"thinking: Input tag 'adaptive' found", kAdaptive},
    {"\"thinking.type.enabled\" is not supported", kBudget},
    {"This model does not support the effort parameter", kEffort},
    {"output_config.effort: Extra inputs are not permitted", kEffort},
    {"output_config: Extra inputs are not permitted", kEffort},
    {"messages: Unexpected role \"system\"", kSystemRoleLesson},
    {"context_management: Extra inputs are not permitted", kContextMember},
}};

/// The turn whose tools have answered has no thinking (another model's began it), and a budget asks
/// for some: this conversation goes on without.
constexpr std::string_view kLoopWithoutThinking = "Expected `thinking` or `redacted_thinking`";

/// What Bedrock puts before the words of a model's server.
constexpr std::string_view kBedrockWords = "The model returned the following errors: ";

bool has(const model::Lessons& lessons, std::string_view value) {
  return std::any_of(lessons.begin(), lessons.end(), [&](const Lesson& lesson) {
    return lesson.kind == LessonKind::kDropField && lesson.value == value;
  });
}

bool refuses_context_beta(const model::Lessons& lessons) {
  return std::any_of(lessons.begin(), lessons.end(), [](const Lesson& lesson) {
    return lesson.kind == LessonKind::kDropField && lesson.value.starts_with(kBeta) &&
           std::string_view(lesson.value).substr(kBeta.size()).starts_with(kContextBeta);
  });
}

/// The members of a body as it will go out. It is parsed once.
class Members {
 public:
  Members(std::string_view body, std::vector<MemberEdit>& edits) : body_(body), edits_(edits) {
    if (const Result<json::Value> parsed = document_.parse(body); parsed.ok()) {
      root_ = parsed.value();
    }
  }

  std::optional<std::string> get(std::string_view key) const {
    if (const MemberEdit* edit = edit_of(key)) return edit->value;
    if (!root_.exists()) return std::nullopt;
    for (json::MemberWalk walk(root_, body_); walk.next();) {
      if (walk.key() == key) return std::string(walk.text());
    }
    return std::nullopt;
  }
  void set(std::string_view key, std::optional<std::string> value) {
    std::erase_if(edits_, [&](const MemberEdit& edit) { return edit.key == key; });
    edits_.push_back({std::string(key), std::move(value)});
  }

 private:
  const MemberEdit* edit_of(std::string_view key) const {
    const auto found = std::find_if(edits_.begin(), edits_.end(),
                                    [&](const MemberEdit& edit) { return edit.key == key; });
    return found == edits_.end() ? nullptr : &*found;
  }

  std::string_view body_;
  std::vector<MemberEdit>& edits_;
  json::Document document_;
  json::Value root_;
};

/// What manages thinking is refused where there is none.
void drop_thinking(Members& members) {
  members.set("thinking", std::nullopt);
  const std::optional<std::string> management = members.get(kContextMember);
  if (management && management->find("clear_thinking") != std::string::npos) {
    members.set(kContextMember, std::nullopt);
  }
}

void fit_thinking(const model::Lessons& lessons, Members& members, model::Losses& losses) {
  const std::optional<std::string> text = members.get("thinking");
  if (!text) return;
  json::Document document;
  const Result<json::Value> thinking = document.parse(*text);
  if (!thinking.ok()) return;
  const std::string_view type = thinking.value()["type"].string_or("");
  const bool loop = find_lesson(lessons, LessonKind::kDropReasoning) != nullptr;
  if (loop && type == "enabled") {
    losses.add(LossKind::kDropped, "thinking (the turn's own is another model's)");
    drop_thinking(members);
  } else if (type == "adaptive" && has(lessons, kAdaptive)) {
    losses.add(LossKind::kClamped, "thinking adaptive -> the model's own");
    drop_thinking(members);
  } else if (type == "enabled" && has(lessons, kBudget)) {
    losses.add(LossKind::kClamped, "thinking enabled -> adaptive");
    members.set("thinking", R"({"type":"adaptive"})");
  }
}

void drop_effort(Members& members, model::Losses& losses) {
  const std::optional<std::string> text = members.get("output_config");
  if (!text) return;
  json::Document document;
  const Result<json::Value> config = document.parse(*text);
  if (!config.ok() || !config.value()["effort"].exists()) return;
  std::string kept;
  json::Writer writer(kept);
  writer.begin_object();
  for (json::MemberWalk walk(config.value(), *text); walk.next();) {
    if (walk.key() != "effort") writer.raw_members(walk.whole());
  }
  writer.end_object();
  losses.add(LossKind::kDropped, std::string(kEffort));
  members.set("output_config",
              kept == "{}" ? std::nullopt : std::optional<std::string>(std::move(kept)));
}

void write_reminder(std::string_view text, json::Writer& writer) {
  std::string wrapped = "<system-reminder>\n";
  wrapped.append(text).append("\n</system-reminder>");
  writer.member("text", wrapped);
}

/// A system message as a user's; a server of this dialect reads neighbours of one role as one turn.
std::string as_reminder(json::Value content, std::string_view text, model::Losses& losses) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().member("role", "user").key("content").begin_array();
  if (content.is_string()) {
    writer.begin_object().member("type", "text");
    write_reminder(content.string_or(""), writer);
    writer.end_object();
  }
  for (json::ElementWalk block(content, text); !content.is_string() && block.next();) {
    const std::string_view type = block.value()["type"].string_or("");
    if (type != "text") {
      losses.add(LossKind::kDropped, "messages.system." + std::string(type));
      continue;
    }
    writer.begin_object();
    for (json::MemberWalk walk(block.value(), block.text()); walk.next();) {
      if (walk.key() == "text") {
        write_reminder(walk.value().string_or(""), writer);
      } else {
        writer.raw_members(walk.whole());
      }
    }
    writer.end_object();
  }
  writer.end_array().end_object();
  return out;
}

/// The reminder of one system message; nothing when there is no text in it.
std::string reminder_of(const json::ElementWalk& message, model::Losses& losses) {
  for (json::MemberWalk walk(message.value(), message.text()); walk.next();) {
    if (walk.key() != "content") continue;
    std::string reminder = as_reminder(walk.value(), walk.text(), losses);
    return reminder.ends_with("[]}") ? std::string() : reminder;
  }
  return {};
}

void move_system_messages(Members& members, model::Losses& losses) {
  const std::optional<std::string> text = members.get("messages");
  if (!text) return;
  json::Document document;
  const Result<json::Value> messages = document.parse(*text);
  if (!messages.ok()) return;
  std::string out;
  json::Writer writer(out);
  writer.begin_array();
  // Nothing may come between a call and its results.
  std::vector<std::string> held;
  const auto release = [&] {
    for (const std::string& each : held)
      writer.raw(each);
    held.clear();
  };
  bool moved = false;
  bool behind_assistant = false;
  for (json::ElementWalk message(messages.value(), *text); message.next();) {
    const std::string_view role = message.value()["role"].string_or("");
    if (role == "system") {
      moved = true;
      std::string reminder = reminder_of(message, losses);
      if (!reminder.empty()) held.push_back(std::move(reminder));
      if (!behind_assistant) release();
      continue;
    }
    if (role == "assistant") release();
    writer.raw(message.text());
    if (role != "assistant") release();
    behind_assistant = role == "assistant";
  }
  release();
  writer.end_array();
  if (!moved) return;
  losses.add(LossKind::kReordered, "system message -> user reminder");
  members.set("messages", std::move(out));
}

}  // namespace

std::optional<std::string_view> refused_member(std::string_view message) {
  const size_t end = message.find(kNotPermitted);
  if (end == std::string_view::npos || end == 0 || end > kMemberBytesMax) return std::nullopt;
  const std::string_view member = message.substr(0, end);
  const bool name = std::all_of(member.begin(), member.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  return name ? std::optional<std::string_view>(member) : std::nullopt;
}

std::optional<Lesson> messages_lesson(uint32_t status, std::string_view body) {
  if (status != 400) return std::nullopt;
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  if (!parsed.ok()) return std::nullopt;
  std::string_view message = parsed.value()["error"]["message"].string_or("");
  if (message.empty()) message = parsed.value()["message"].string_or("");  // Bedrock's envelope.
  if (message.starts_with(kBedrockWords)) message.remove_prefix(kBedrockWords.size());
  if (message.find(kLoopWithoutThinking) != std::string_view::npos) {
    return Lesson{LessonKind::kDropReasoning, {}};
  }
  // A member that is not permitted may have any name.
  const bool of_member = message.find(kNotPermitted) != std::string_view::npos;
  for (const Wording& wording : kWordings) {
    if (!message.starts_with(wording.text)) continue;
    if (of_member != wording.text.ends_with(kNotPermitted)) continue;
    return Lesson{LessonKind::kDropField, std::string(wording.value)};
  }
  if (message.find("anthropic-beta") == std::string_view::npos) return std::nullopt;
  // Unexpected value(s) `x-2026-01-01` for the `anthropic-beta` header.
  const size_t open = message.find('`');
  const size_t close = open == std::string_view::npos ? open : message.find('`', open + 1);
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view beta = message.substr(open + 1, close - open - 1);
  if (beta.empty() || beta == "anthropic-beta") return std::nullopt;
  return Lesson{LessonKind::kDropField, std::string(kBeta).append(beta)};
}

bool is_beta_refused(const model::Lessons* lessons, std::string_view beta) {
  if (lessons == nullptr) return false;
  // It goes with its member.
  if (beta.starts_with(kContextBeta) && has(*lessons, kContextMember)) return true;
  return has(*lessons, std::string(kBeta).append(beta));
}

void follow_messages_lessons(const model::Lessons* lessons, std::string_view body,
                             std::vector<MemberEdit>& edits, model::Losses& losses) {
  if (lessons == nullptr || lessons->empty()) return;
  Members members(body, edits);
  const bool no_management = has(*lessons, kContextMember) || refuses_context_beta(*lessons);
  if (no_management && members.get(kContextMember)) {
    losses.add(LossKind::kDropped, std::string(kContextMember));
    members.set(kContextMember, std::nullopt);
  }
  fit_thinking(*lessons, members, losses);
  if (has(*lessons, kEffort)) drop_effort(members, losses);
  if (has(*lessons, kSystemRoleLesson)) move_system_messages(members, losses);
}

}  // namespace tollgate::providers
