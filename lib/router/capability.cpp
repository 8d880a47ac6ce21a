#include "router/capability.hpp"

namespace tollgate::router {
namespace {

// English prose has four to five bytes a token, code and JSON fewer; with its JSON around it, a
// text has hardly ever fewer tokens than this says.
constexpr uint64_t kBytesPerTokenMost = 4;

bool is_missing(const std::optional<bool>& known) {
  return known.has_value() && !*known;
}

}  // namespace

int64_t least_tokens(const model::RequestFacts& request) {
  const uint64_t binary = request.binary_bytes;
  const uint64_t text = request.body_bytes > binary ? request.body_bytes - binary : 0;
  return static_cast<int64_t>(text / kBytesPerTokenMost);
}

Needs needs_of(const model::RequestFacts& request) {
  Needs needs;
  needs.tokens = least_tokens(request);
  const auto need = [&](bool needed, Lack lack) {
    if (needed) needs.features = static_cast<Features>(needs.features | feature(lack));
  };
  need(request.has_images, Lack::kImages);
  need(request.has_documents, Lack::kPdf);
  need(request.tool_count > 0, Lack::kTools);
  need(request.wants_structured_output, Lack::kStructuredOutput);
  // Claude Code says with every request that its model may think; a budget says that it must.
  need(request.thinking_budget.has_value(), Lack::kThinking);
  return needs;
}

Features missing_in(const model::ModelFacts& facts) {
  Features missing = 0;
  const auto note = [&](const std::optional<bool>& known, Lack lack) {
    if (is_missing(known)) missing = static_cast<Features>(missing | feature(lack));
  };
  note(facts.images, Lack::kImages);
  note(facts.pdf, Lack::kPdf);
  note(facts.tools, Lack::kTools);
  note(facts.structured_output, Lack::kStructuredOutput);
  note(facts.thinking, Lack::kThinking);
  return missing;
}

Lack lack_of(Features missing, int64_t context_window, const Needs& needs) {
  const auto lacking = static_cast<Features>(missing & needs.features);
  if (lacking != 0) {
    for (const Lack lack : {Lack::kImages, Lack::kPdf, Lack::kTools, Lack::kStructuredOutput}) {
      if ((lacking & feature(lack)) != 0) return lack;
    }
  }
  if (context_window > 0 && needs.tokens > context_window) return Lack::kContext;
  // Last, since the plan lets it pass where every target lacks it.
  return (lacking & feature(Lack::kThinking)) != 0 ? Lack::kThinking : Lack::kNone;
}

Lack lack_of(const model::ModelFacts& facts, const model::RequestFacts& request) {
  return lack_of(missing_in(facts), facts.context_window, needs_of(request));
}

}  // namespace tollgate::router
