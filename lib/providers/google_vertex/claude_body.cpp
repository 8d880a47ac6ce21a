#include "providers/google_vertex/claude_body.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "json/reader.hpp"
#include "json/splice.hpp"

namespace tollgate::providers::google_vertex {
namespace {

constexpr std::string_view kVersion = "\"vertex-2023-10-16\"";

/// Members that only Anthropic's own API takes.
constexpr std::array<std::string_view, 11> kNotTaken = {
    "service_tier",         "inference_geo", "container",   "mcp_servers", "thread",
    "billing_policy",       "fallbacks",     "diagnostics", "compaction",  "user_profile_id",
    "fallback_credit_token"};

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

constexpr std::string_view kContextBeta = "context-management-";

bool is_taken(std::string_view beta) {
  return std::any_of(kTaken.begin(), kTaken.end(),
                     [&](std::string_view start) { return beta.starts_with(start); });
}

bool is_refused(const CallContext& context, std::string_view beta) {
  if (context.endpoint.lessons == nullptr) return false;
  return std::any_of(context.endpoint.lessons->begin(), context.endpoint.lessons->end(),
                     [&](const model::Lesson& lesson) {
                       return lesson.kind == model::LessonKind::kDropField &&
                              lesson.value.starts_with(kBetaLesson) &&
                              lesson.value.substr(kBetaLesson.size()) == beta;
                     });
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
  for (const std::string_view member : kNotTaken) {
    if (!parsed.value()[member].exists()) continue;
    edits.push_back({std::string(member), std::nullopt});
    losses.add(model::LossKind::kDropped, std::string(member));
  }
  // A field and its beta travel together or not at all.
  const std::string betas = claude_betas(context);
  const bool context_beta = betas.find(kContextBeta) != std::string::npos;
  if (parsed.value()["context_management"].exists() && !context_beta) {
    edits.push_back({"context_management", std::nullopt});
    losses.add(model::LossKind::kDropped, "context_management");
  }
  return Status();
}

std::string claude_betas(const CallContext& context) {
  std::vector<std::string> sent;
  const auto add = [&](std::string_view beta) {
    if (is_refused(context, beta)) return;
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
  if (status != 400 || body.find("anthropic-beta") == std::string_view::npos) return std::nullopt;
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  if (!parsed.ok()) return std::nullopt;
  // Unexpected value(s) `x-2026-01-01` for the `anthropic-beta` header.
  const std::string_view message = parsed.value()["error"]["message"].string_or("");
  const size_t open = message.find('`');
  const size_t close = open == std::string_view::npos ? open : message.find('`', open + 1);
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view beta = message.substr(open + 1, close - open - 1);
  if (beta.empty() || beta == "anthropic-beta") return std::nullopt;
  return model::Lesson{model::LessonKind::kDropField, std::string(kBetaLesson).append(beta)};
}

}  // namespace tollgate::providers::google_vertex
