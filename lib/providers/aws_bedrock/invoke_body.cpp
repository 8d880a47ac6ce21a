#include "providers/aws_bedrock/invoke_body.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "base/base64.hpp"
#include "dialects/bedrock_converse/betas.hpp"
#include "dialects/bedrock_converse/lessons.hpp"
#include "json/reader.hpp"
#include "json/walk.hpp"
#include "json/writer.hpp"
#include "model/claude_model.hpp"
#include "providers/anthropic/cache_control.hpp"
#include "providers/anthropic/messages_lessons.hpp"
#include "providers/aws_bedrock/invoke_sources.hpp"
#include "providers/aws_bedrock/invoke_tools.hpp"

namespace tollgate::providers::aws_bedrock {
namespace {

using dialects::bedrock_converse::is_refused;
using model::LossKind;

constexpr std::string_view kVersion = R"("bedrock-2023-05-31")";
constexpr std::string_view kManagementBeta = "context-management-2025-06-27";

/// What InvokeModel's body may hold; anything else is refused there.
constexpr std::string_view kTaken[] = {
    "max_tokens",  "messages", "system", "tools",          "tool_choice",   "thinking",
    "temperature", "top_p",    "top_k",  "stop_sequences", "output_config", "context_management",
};

/// What stands elsewhere, or says nothing here: its going is no loss.
constexpr std::string_view kMoved[] = {"model", "stream", "anthropic_version", "anthropic_beta"};

template <size_t kSize>
bool is_one_of(const std::string_view (&names)[kSize], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

/// Walks the body's members and says what becomes of each.
class BodyEdit {
 public:
  BodyEdit(const InvokeWishes& wishes, model::Losses& losses)
      : wishes_(wishes),
        losses_(losses),
        claude_(model::claude_model(wishes.model_id).value_or(model::ClaudeModel())),
        betas_(dialects::bedrock_converse::bedrock_betas(wishes.betas, wishes.lessons, losses)) {}

  /// `counting`: an upstream that cannot count what it would have to fetch says so itself, and the
  /// gateway estimates.
  Status run(std::string_view body, bool counting);
  std::vector<MemberEdit> edits;
  std::vector<std::pair<std::string, std::string>> members;  ///< The whole body, as it becomes.

 private:
  Status take(const json::MemberWalk& member);
  void keep(const json::MemberWalk& member);
  void replace(const json::MemberWalk& member, std::string value);
  void remove(const json::MemberWalk& member, bool lost = true);
  void add(std::string_view key, std::string value);
  Status take_tools(const json::MemberWalk& member);
  void take_thinking(const json::MemberWalk& member);
  void take_output_config(const json::MemberWalk& member);
  void take_output_format(const json::MemberWalk& member);
  void take_max_tokens(const json::MemberWalk& member);
  void strip_cache_control(const json::MemberWalk& member);
  void take_metadata(const json::MemberWalk& member);
  bool has_beta(std::string_view beta) const {
    return std::find(betas_.begin(), betas_.end(), beta) != betas_.end();
  }

  const InvokeWishes& wishes_;
  model::Losses& losses_;
  model::ClaudeModel claude_;
  std::vector<std::string> betas_;
  bool has_output_config_ = false;
};

void BodyEdit::keep(const json::MemberWalk& member) {
  members.emplace_back(member.key(), member.text());
}

void BodyEdit::replace(const json::MemberWalk& member, std::string value) {
  edits.push_back({std::string(member.key()), value});
  members.emplace_back(member.key(), std::move(value));
}

void BodyEdit::remove(const json::MemberWalk& member, bool lost) {
  edits.push_back({std::string(member.key()), std::nullopt});
  if (lost) losses_.add(LossKind::kDropped, std::string(member.key()));
}

void BodyEdit::add(std::string_view key, std::string value) {
  // A member of that name may have been taken away: one edit a key.
  std::erase_if(edits, [&](const MemberEdit& edit) { return edit.key == key; });
  edits.push_back({std::string(key), value});
  members.emplace_back(key, std::move(value));
}

Status BodyEdit::take_tools(const json::MemberWalk& member) {
  std::string tools;
  if (Status status = invoke_tools(member.text(), betas_, tools, losses_); !status.ok()) {
    return status;
  }
  const std::string plain =
      plain_cache_control(tools.empty() ? member.text() : std::string_view(tools), losses_);
  if (!plain.empty()) {
    replace(member, plain);
  } else if (!tools.empty()) {
    replace(member, std::move(tools));
  } else {
    keep(member);
  }
  return Status();
}

void BodyEdit::take_thinking(const json::MemberWalk& member) {
  const std::string_view type = member.value()["type"].string_or("");
  const bool adaptive = type == "adaptive";
  const bool refused = (adaptive && !claude_.takes_adaptive()) ||
                       (type == "disabled" && !claude_.can_stop_thinking()) ||
                       (type == "between_tools" && !claude_.takes_between_tools());
  if (refused) {
    losses_.add(LossKind::kClamped, "thinking " + std::string(type) + " -> the model's own");
    remove(member, false);
  } else if (type == "enabled" && !claude_.takes_budget() && claude_.takes_adaptive()) {
    losses_.add(LossKind::kClamped, "thinking enabled -> adaptive");
    replace(member, R"({"type":"adaptive"})");
  } else {
    keep(member);
  }
}

void BodyEdit::take_output_config(const json::MemberWalk& member) {
  has_output_config_ = true;
  std::string kept;
  json::Writer writer(kept);
  writer.begin_object();
  bool changed = false;
  for (json::MemberWalk walk(member.value(), member.text()); walk.next();) {
    const bool taken = (walk.key() == "effort" && claude_.takes_effort()) ||
                       (walk.key() == "format" && claude_.takes_schemas());
    if (taken) {
      writer.raw_members(walk.whole());
      continue;
    }
    losses_.add(LossKind::kDropped, "output_config." + std::string(walk.key()));
    changed = true;
  }
  writer.end_object();
  if (!changed) {
    keep(member);
  } else if (kept == "{}") {
    remove(member, false);
  } else {
    replace(member, std::move(kept));
  }
}

/// The old place of output_config.format.
void BodyEdit::take_output_format(const json::MemberWalk& member) {
  const bool moves = !has_output_config_ && claude_.takes_schemas() && member.value().is_object();
  remove(member, !moves);
  if (moves) add("output_config", R"({"format":)" + std::string(member.text()) + "}");
}

void BodyEdit::take_max_tokens(const json::MemberWalk& member) {
  const std::string* told = find_lesson(wishes_.lessons, model::LessonKind::kOutputMax);
  int64_t most = 0;
  if (told != nullptr) std::from_chars(told->data(), told->data() + told->size(), most);
  const int64_t asked = member.value().integer().value_or(0);
  if (most <= 0 || asked <= most) {
    keep(member);
    return;
  }
  losses_.add(LossKind::kClamped,
              "max_tokens " + std::to_string(asked) + " -> " + std::to_string(most));
  replace(member, std::to_string(most));
}

void BodyEdit::strip_cache_control(const json::MemberWalk& member) {
  std::string plain = plain_cache_control(member.text(), losses_);
  if (plain.empty()) {
    keep(member);
  } else {
    replace(member, std::move(plain));
  }
}

/// Of all that may be told of the caller, the user's id alone is taken.
void BodyEdit::take_metadata(const json::MemberWalk& member) {
  std::string kept;
  json::Writer writer(kept);
  writer.begin_object();
  bool changed = !member.value().is_object();
  for (json::MemberWalk walk(member.value(), member.text()); walk.next();) {
    if (walk.key() == "user_id") {
      writer.raw_members(walk.whole());
      continue;
    }
    losses_.add(LossKind::kDropped, "metadata." + std::string(walk.key()));
    changed = true;
  }
  writer.end_object();
  if (kept == "{}") {
    remove(member, false);
  } else if (changed) {
    replace(member, std::move(kept));
  } else {
    keep(member);
  }
}

Status BodyEdit::take(const json::MemberWalk& member) {
  const std::string_view key = member.key();
  if (is_one_of(kMoved, key)) {
    remove(member, false);
  } else if (is_refused(wishes_.lessons, key)) {
    remove(member);
  } else if (key == "tools") {
    return take_tools(member);
  } else if (key == "thinking") {
    take_thinking(member);
  } else if (key == "output_config") {
    take_output_config(member);
  } else if (key == "output_format") {
    take_output_format(member);
  } else if (key == "max_tokens") {
    take_max_tokens(member);
  } else if (key == "metadata") {
    take_metadata(member);
  } else if (key == "system" || key == "messages") {
    strip_cache_control(member);
  } else if (!is_one_of(kTaken, key) ||
             (key == "context_management" && !has_beta(kManagementBeta))) {
    // The two of them travel together, or not at all.
    remove(member);
  } else {
    keep(member);
  }
  return Status();
}

Status BodyEdit::run(std::string_view body, bool counting) {
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  if (!parsed.ok()) return parsed.status();
  if (!counting) {
    const Status here = check_invoke_sources(parsed.value()["messages"]);
    if (!here.ok()) return here;
  }
  has_output_config_ = parsed.value()["output_config"].exists();
  for (json::MemberWalk walk(parsed.value(), body); walk.next();) {
    if (Status status = take(walk); !status.ok()) return status;
  }
  add("anthropic_version", std::string(kVersion));
  if (betas_.empty()) return Status();
  std::string list;
  json::Writer writer(list);
  writer.begin_array();
  for (const std::string& beta : betas_)
    writer.string(beta);
  writer.end_array();
  add("anthropic_beta", std::move(list));
  return Status();
}

}  // namespace

Status edit_invoke_body(const InvokeWishes& wishes, std::string_view body,
                        std::vector<MemberEdit>& edits, model::Losses& losses) {
  BodyEdit edit(wishes, losses);
  if (Status status = edit.run(body, false); !status.ok()) return status;
  edits = std::move(edit.edits);
  follow_messages_lessons(&wishes.lessons, body, edits, losses);
  return Status();
}

Status edit_count_body(const InvokeWishes& wishes, std::string_view body,
                       std::vector<MemberEdit>& edits, model::Losses& losses) {
  BodyEdit edit(wishes, losses);
  if (Status status = edit.run(body, true); !status.ok()) return status;
  std::string inner;
  json::Writer writer(inner);
  writer.begin_object();
  bool bounded = false;
  edits.clear();
  for (const auto& [key, value] : edit.members) {
    writer.raw_member(key, value);
    bounded = bounded || key == "max_tokens";
  }
  // The body inside must be one that could be sent.
  if (!bounded) writer.member("max_tokens", int64_t{1});
  writer.end_object();
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  if (!parsed.ok()) return parsed.status();
  for (const json::Member member : parsed.value().members())
    edits.push_back({std::string(member.key), std::nullopt});
  std::erase_if(edits, [](const MemberEdit& each) { return each.key == "input"; });
  edits.push_back({"input", R"({"invokeModel":{"body":")" + base64_encode(inner) + R"("}})"});
  return Status();
}

}  // namespace tollgate::providers::aws_bedrock
