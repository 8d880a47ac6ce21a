#pragma once

// Answers as clients of this dialect read them: items and the object around them.

#include <cstdint>
#include <string>
#include <string_view>

#include "dialects/dialect.hpp"
#include "json/writer.hpp"
#include "model/content.hpp"
#include "model/response.hpp"
#include "model/usage.hpp"

namespace tollgate::dialects::openai_responses {

/// What kind of item a block becomes.
enum class ClientItem : uint8_t { kText, kThinking, kCall, kFreeform, kSearch, kNone };

ClientItem client_item(const model::Block& block);
/// An id for such an item: "msg_…", "fc_…".
std::string client_item_id(ClientItem item, Translation& translation);

/// True for a tool call whose arguments are no JSON: a limit cut them.
bool is_cut_call(const model::Block& block);
/// A finished item, or a call that a limit cut. `sources` is the content of the web search's result
/// block, for kSearch.
void write_client_item(const model::Block& block, ClientItem item, std::string_view id,
                       std::string_view sources, bool cut, json::Writer& writer);
/// An output_text part.
void write_text_part(std::string_view text, std::string_view citations, json::Writer& writer);
/// A citation of the hub as an annotation; false when it is of another kind.
bool write_annotation(std::string_view citation, size_t text_characters, json::Writer& writer);
/// The name of a custom tool, without what marks it in the hub.
std::string_view freeform_name(std::string_view name);
/// The text a custom tool was called with.
std::string freeform_input(std::string_view input);
size_t characters_in(std::string_view text);

/// The members of a response object that say how it stands.
struct AnswerHead {
  std::string id;
  std::string model;
  std::string status;             ///< in_progress, completed, incomplete, failed.
  std::string incomplete_reason;  ///< For incomplete.
  std::string output;             ///< The items, separated by commas.
  const model::Usage* usage = nullptr;
  const model::Failure* failure = nullptr;
};

void write_answer(const AnswerHead& head, const Translation& translation, json::Writer& writer);
/// Fills in status and reason by how the answer ended.
void set_status(model::StopReason reason, AnswerHead& head);

}  // namespace tollgate::dialects::openai_responses
