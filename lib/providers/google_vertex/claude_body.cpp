#include "providers/google_vertex/claude_body.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "json/reader.hpp"
#include "json/splice.hpp"
#include "json/walk.hpp"
#include "providers/anthropic/cache_control.hpp"

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

/// How a lesson about a beta begins; its name follows.
constexpr std::string_view kBetaLesson = "anthropic-beta ";

constexpr std::string_view kContextMember = "context_management";
constexpr std::string_view kContextBeta = "context-management-";
constexpr std::string_view kFormatBeta = "structured-outputs-";
constexpr std::string_view kRefusedWords = ": Extra inputs are not permitted";
constexpr size_t kFieldBytesMax = 64;

bool is_taken(std::string_view beta) {
  return std::any_of(kTaken.begin(), kTaken.end(),
                     [&](std::string_view start) { return beta.starts_with(start); });
}

bool has_lesson(const CallContext& context, std::string_view start, std::string_view field) {
  if (context.endpoint.lessons == nullptr) return false;
  return std::any_of(context.endpoint.lessons->begin(), context.endpoint.lessons->end(),
                     [&](const model::Lesson& lesson) {
                       return lesson.kind == model::LessonKind::kDropField &&
                              lesson.value.starts_with(start) &&
                              lesson.value.substr(start.size()) == field;
                     });
}

bool is_refused(const CallContext& context, std::string_view beta) {
  return has_lesson(context, kBetaLesson, beta);
}

/// Whether a member of the body may go. Some need a beta: they travel together or not at all.
bool is_member_taken(const CallContext& context, std::string_view betas, std::string_view member) {
  if (has_lesson(context, {}, member)) return false;
  if (member == kContextMember) return betas.find(kContextBeta) != std::string_view::npos;
  if (member == "output_format") return betas.find(kFormatBeta) != std::string_view::npos;
  if (member == "speed") return context.endpoint.model_id.starts_with(kFastModel);
  return std::find(kTakenMembers.begin(), kTakenMembers.end(), member) != kTakenMembers.end();
}

/// "speed: Extra inputs are not permitted": a member at the top. A path ("tools.0.x") tells of
/// something deeper, which has no lesson.
std::optional<model::Lesson> refused_member(std::string_view message) {
  const size_t end = message.find(kRefusedWords);
  if (end == std::string_view::npos || end == 0 || end > kFieldBytesMax) return std::nullopt;
  const std::string_view member = message.substr(0, end);
  const bool name = std::all_of(member.begin(), member.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!name) return std::nullopt;
  return model::Lesson{model::LessonKind::kDropField, std::string(member)};
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
  return Status();
}

std::string claude_betas(const CallContext& context) {
  std::vector<std::string> sent;
  const auto add = [&](std::string_view beta) {
    if (is_refused(context, beta)) return;
    // It goes with its field.
    if (beta.starts_with(kContextBeta) && has_lesson(context, {}, kContextMember)) return;
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
  const std::string_view message = parsed.value()["error"]["message"].string_or("");
  if (message.find("anthropic-beta") == std::string_view::npos) return refused_member(message);
  // Unexpected value(s) `x-2026-01-01` for the `anthropic-beta` header.
  const size_t open = message.find('`');
  const size_t close = open == std::string_view::npos ? open : message.find('`', open + 1);
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view beta = message.substr(open + 1, close - open - 1);
  if (beta.empty() || beta == "anthropic-beta") return std::nullopt;
  return model::Lesson{model::LessonKind::kDropField, std::string(kBetaLesson).append(beta)};
}

}  // namespace tollgate::providers::google_vertex
