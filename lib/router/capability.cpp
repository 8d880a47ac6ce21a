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

Lack lack_of(const model::ModelFacts& facts, const model::RequestFacts& request) {
  if (request.has_images && is_missing(facts.images)) return Lack::kImages;
  if (request.has_documents && is_missing(facts.pdf)) return Lack::kPdf;
  if (request.tool_count > 0 && is_missing(facts.tools)) return Lack::kTools;
  if (request.wants_structured_output && is_missing(facts.structured_output)) {
    return Lack::kStructuredOutput;
  }
  if (facts.context_window > 0 && least_tokens(request) > facts.context_window) {
    return Lack::kContext;
  }
  // Last, since the plan lets it pass where every target lacks it.
  if (request.wants_thinking && is_missing(facts.thinking)) return Lack::kThinking;
  return Lack::kNone;
}

}  // namespace tollgate::router
