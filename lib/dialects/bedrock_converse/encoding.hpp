#pragma once

// What the parts of one request's encoding share.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialects/bedrock_converse/family.hpp"
#include "dialects/dialect.hpp"
#include "json/writer.hpp"
#include "model/claude_model.hpp"
#include "model/request.hpp"

namespace tollgate::dialects::bedrock_converse {

struct Encoding {
  Encoding(const model::Request& asked, Translation& carried, std::string& out);

  const model::Request& request;  ///< Repaired.
  Translation& translation;
  const Family& family;
  std::optional<model::ClaudeModel> claude;
  json::Writer writer;
  std::vector<std::string> betas;     ///< Claude: what Bedrock takes of them.
  model::Thinking thinking;           ///< Claude: as this model takes it.
  uint32_t cache_marks_too_many = 0;  ///< The first ones are left out.
  std::set<std::string> document_names;

  bool is_claude() const { return claude.has_value(); }
  void drop(std::string what) {
    translation.losses.add(model::LossKind::kDropped, std::move(what));
  }
  /// Writes a cache point for a mark of the client's, if the family takes one there.
  void cache_point(const model::CacheMark& mark, bool between_tools = false);
};

/// The block's cache mark, or one inside it: Converse takes none there, so it counts behind it.
const model::CacheMark* mark_of(const model::Block& block);

void encode_system(Encoding& encoding);
Status encode_messages(Encoding& encoding);
/// Fills in Encoding::thinking.
void fit_thinking(Encoding& encoding);
/// True when the block goes to this upstream as reasoning.
bool replays(const Encoding& encoding, const model::Block& block);

/// The client's tools as Converse takes them.
struct ToolPlan {
  std::vector<const model::Tool*> specs;
  std::vector<const model::Tool*> native;  ///< Claude's own kinds: bash, text editor, computer.
  bool grounding = false;                  ///< Web search, by the model's own.
  bool placeholder = false;  ///< The history has calls, the request no tools; Converse wants some.
};
Result<ToolPlan> plan_tools(Encoding& encoding);
void encode_tools(Encoding& encoding, const ToolPlan& plan);

void encode_inference(Encoding& encoding);
void encode_additional_fields(Encoding& encoding, const ToolPlan& plan);
void encode_output(Encoding& encoding);
/// Notes what has no place in Converse.
void note_unsupported(Encoding& encoding);

}  // namespace tollgate::dialects::bedrock_converse
