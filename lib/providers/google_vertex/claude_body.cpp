#include "providers/google_vertex/claude_body.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "json/reader.hpp"
#include "json/splice.hpp"
#include "json/walk.hpp"
#include "providers/anthropic/cache_control.hpp"
#include "providers/anthropic/messages_lessons.hpp"

namespace tollgate::providers::google_vertex {
namespace {

constexpr std::string_view kVersion = "\"vertex-2023-10-16\"";

/// What rawPredict's body may hold. An unknown member refuses the request, and new ones come up
/// at Anthropic first.
constexpr std::array<std::string_view, 14> kTakenMembers = {
    "cache_control",  "max_tokens", "messages", "metadata",    "output_config",
    "stop_sequences", "stream",     "system",   "temperature", "thinking",
    "tool_choice",    "tools",      "top_k",    "top_p"};

/// The one line of models with a fast lane here.
constexpr std::string_view kFastModel = "claude-fable-5-2";

/// Betas that Vertex is known to take, by how they begin.
constexpr std::array<std::string_view, 18> kTaken = {"computer-use-",
                                                     "context-1m-",
                                                     "context-management-",
                                                     "dev-full-thinking-",
                                                     "effort-",
                                                     "fine-grained-tool-streaming-",
                                                     "interleaved-thinking-",
                                                     "mid-conversation-",
                                                     "model-context-window-exceeded-",
                                                     "output-128k-",
                                                     "pdfs-",
                                                     "search-results-",
                                                     "structured-outputs-",
                                                     "token-counting-",
                                                     "token-efficient-tools-",
                                                     "tool-examples-",
                                                     "tool-search-tool-",
                                                     "web-search-"};

constexpr std::string_view kContextMember = "context_management";
constexpr std::string_view kContextBeta = "context-management-";
constexpr std::string_view kFormatBeta = "structured-outputs-";

bool is_taken(std::string_view beta) {
  return std::any_of(kTaken.begin(), kTaken.end(),
                     [&](std::string_view start) { return beta.starts_with(start); });
}

/// Whether the upstream has refused this member.
bool is_refused(const CallContext& context, std::string_view member) {
  if (context.endpoint.lessons == nullptr) return false;
  return std::any_of(context.endpoint.lessons->begin(), context.endpoint.lessons->end(),
                     [&](const model::Lesson& lesson) {
                       return lesson.kind == model::LessonKind::kDropField &&
                              lesson.value == member;
                     });
}

/// Whether a member of the body may go. Some need a beta: they travel together or not at all.
bool is_member_taken(const CallContext& context, std::string_view betas, std::string_view member) {
  if (is_refused(context, member)) return false;
  if (member == kContextMember) return betas.find(kContextBeta) != std::string_view::npos;
  if (member == "output_format") return betas.find(kFormatBeta) != std::string_view::npos;
  if (member == "speed") return context.endpoint.model_id.starts_with(kFastModel);
  return std::find(kTakenMembers.begin(), kTakenMembers.end(), member) != kTakenMembers.end();
}

template <typename Visit>
void each_beta(std::string_view list, const Visit& visit) {
  while (!list.empty()) {
    const size_t comma = list.find(',');
    const std::string_view beta = ascii::trim(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    if (!beta.empty()) visit(beta);
  }
}

}  // namespace

Status edit_claude_body(const CallContext& context, std::string_view body,
                        std::vector<MemberEdit>& edits, model::Losses& losses) {
  if (context.operation == dialects::Operation::kCountTokens) {
    // The counter stands at one address for all models.
    std::string model;
    json::append_string(model, context.endpoint.model_id);
    edits.push_back({"model", std::move(model)});
  } else {
    edits.push_back({"model", std::nullopt});
  }
  edits.push_back({"anthropic_version", std::string(kVersion)});
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  if (!parsed.ok()) return parsed.status();
  const std::string betas = claude_betas(context);
  for (json::MemberWalk walk(parsed.value(), body); walk.next();) {
    const std::string_view key = walk.key();
    if (key == "model" || key == "anthropic_version") continue;
    if (!is_member_taken(context, betas, key)) {
      edits.push_back({std::string(key), std::nullopt});
      losses.add(model::LossKind::kDropped, std::string(key));
    } else if (key == "system" || key == "messages" || key == "tools") {
      std::string plain = plain_cache_control(walk.text(), losses);
      if (!plain.empty()) edits.push_back({std::string(key), std::move(plain)});
    }
  }
  follow_messages_lessons(context.endpoint.lessons, body, edits, losses);
  return Status();
}

std::string claude_betas(const CallContext& context) {
  std::vector<std::string> sent;
  const auto add = [&](std::string_view beta) {
    if (is_beta_refused(context.endpoint.lessons, beta)) return;
    if (std::find(sent.begin(), sent.end(), beta) == sent.end()) sent.emplace_back(beta);
  };
  if (context.same_dialect) {
    each_beta(context.client_headers.joined("anthropic-beta"), [&](std::string_view beta) {
      if (is_taken(beta)) add(beta);
    });
  }
  each_beta(context.extra_betas, add);
  for (const auto& [name, value] : context.endpoint.account.headers) {
    if (ascii::equals_ignore_case(name, "anthropic-beta")) each_beta(value, add);
  }
  std::string list;
  for (const std::string& beta : sent)
    list.append(list.empty() ? "" : ",").append(beta);
  return list;
}

std::optional<model::Lesson> claude_lesson(uint32_t status, std::string_view body) {
  if (status != 400) return std::nullopt;
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  if (!parsed.ok()) return std::nullopt;
  // A path ("tools.0.x") tells of something deeper, which has no lesson.
  const auto member = refused_member(parsed.value()["error"]["message"].string_or(""));
  if (member) return model::Lesson{model::LessonKind::kDropField, std::string(*member)};
  return messages_lesson(status, body);
}

}  // namespace tollgate::providers::google_vertex
