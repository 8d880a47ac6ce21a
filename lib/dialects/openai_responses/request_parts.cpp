#include "dialects/openai_responses/request_parts.hpp"

#include <algorithm>

#include "base/sha256.hpp"
#include "dialects/effort.hpp"
#include "json/reader.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

constexpr size_t kIdentityBytesMax = 64;
constexpr std::string_view kNoEffort = "none";

std::string hashed(std::string_view text) {
  const Result<Sha256> digest = sha256(text);
  return digest.ok() ? to_hex(digest.value()).substr(0, kIdentityBytesMax) : std::string();
}

/// What of the client's user id stays the same from session to session.
std::string user_part(std::string_view user_id) {
  json::Document document;
  const Result<json::Value> parsed = document.parse(user_id);
  if (parsed.ok() && parsed.value().is_object()) {
    std::string part;
    for (const json::Member member : parsed.value().members()) {
      if (member.key == "session_id") continue;
      part.append(member.key).append("=").append(member.value.string_or("")).append("\n");
    }
    return part;
  }
  return std::string(user_id.substr(0, user_id.find("_session_")));
}

std::vector<std::string> efforts_of(const Translation& translation) {
  const std::string* taught = model::find_lesson(translation.lessons, model::LessonKind::kEfforts);
  if (taught == nullptr) return translation.facts.efforts;
  std::vector<std::string> efforts;
  std::string_view rest = *taught;
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    if (comma > 0) efforts.emplace_back(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return efforts;
}

}  // namespace

std::string compact(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  bool quoted = false;
  for (size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (!quoted && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) continue;
    if (c == '"') quoted = !quoted;
    out += c;
    if (quoted && c == '\\' && at + 1 < json.size()) out += json[++at];
  }
  if (out.empty()) out = "{}";
  return out;
}

bool is_refused(const Translation& translation, std::string_view field) {
  for (const model::Lesson& lesson : translation.lessons) {
    if (lesson.kind == model::LessonKind::kDropField && lesson.value == field) return true;
  }
  return false;
}

ReasoningPlan plan_reasoning(const model::Request& request, Translation& translation) {
  using model::ThinkingKind;
  const ThinkingKind kind = request.thinking.kind;
  translation.thinking_wanted = kind == ThinkingKind::kAdaptive || kind == ThinkingKind::kEnabled ||
                                kind == ThinkingKind::kBetweenTools;
  translation.thinking_omitted = request.thinking.display == "omitted";

  const std::vector<std::string> efforts = efforts_of(translation);
  const model::ModelFacts& facts = translation.facts;
  const bool can = facts.thinking.value_or(!efforts.empty() || facts.thinks_unasked ||
                                           translation.thinking_wanted);
  ReasoningPlan plan;
  if (!can || is_refused(translation, "reasoning")) {
    if (!request.effort.empty()) {
      translation.losses.add(model::LossKind::kDropped, "output_config.effort " + request.effort);
    }
    return plan;
  }
  plan.effort = effort_to_send(thinking_wish(request), efforts, translation.losses);
  // The service may name it as its other dialect does.
  for (const std::string_view field : {"reasoning.effort", "reasoning_effort"}) {
    if (is_refused(translation, field)) plan.effort.clear();
  }
  plan.reasons = plan.effort.empty() ? facts.thinks_unasked : plan.effort != kNoEffort;
  const bool shown = translation.thinking_wanted && plan.effort != kNoEffort;
  plan.summary =
      shown && !translation.thinking_omitted && !is_refused(translation, "reasoning.summary");
  plan.carry = shown;
  plan.ask = plan.summary || !plan.effort.empty();
  return plan;
}

void write_identity(const model::Request& request, const Translation& translation,
                    json::Writer& writer) {
  if (!translation.traits.identity_fields) return;
  if (!request.user_id.empty() && !is_refused(translation, "safety_identifier")) {
    const std::string identity = hashed(user_part(request.user_id));
    if (!identity.empty()) writer.member("safety_identifier", identity);
  }
  const std::string& session = translation.session_id;
  if (!session.empty() && !is_refused(translation, "prompt_cache_key")) {
    writer.member("prompt_cache_key",
                  session.size() > kIdentityBytesMax ? hashed(session) : session);
  }
}

}  // namespace tollgate::dialects::openai_responses
