#include <algorithm>
#include <string>
#include <utility>

#include "dialects/client_tools.hpp"
#include "dialects/gemini_generate/parts.hpp"
#include "dialects/repair.hpp"
#include "dialects/tool_names.hpp"
#include "json/reader.hpp"
#include "json/walk.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

using model::Block;
using model::BlockKind;
using model::ThinkingKind;

/// What the answer needs to know of the request.
void note_wishes(const model::Request& request, Translation& translation) {
  const ThinkingKind kind = request.thinking.kind;
  translation.thinking_wanted = kind != ThinkingKind::kUnset && kind != ThinkingKind::kDisabled;
  translation.thinking_omitted = request.thinking.display == "omitted";
  translation.single_tool_call = request.tool_choice && request.tool_choice->disable_parallel;
}

void note_block_losses(const Block& block, model::Losses& losses) {
  if (block.cache) losses.add(model::LossKind::kDropped, "cache_control");
  // Blocks of unknown kinds are noted by their kind; a document's context is used.
  if (block.kind == BlockKind::kOther || block.kind == BlockKind::kDocument) return;
  lose_members("content.", block.rest, losses);
}

void note_losses(const model::Request& request, model::Losses& losses) {
  const auto gone = [&](bool there, const char* what) {
    if (there) losses.add(model::LossKind::kDropped, what);
  };
  for (const Block& block : request.system)
    note_block_losses(block, losses);
  for (const model::Message& message : request.messages) {
    lose_members("messages.", message.rest, losses);
    for (const Block& block : message.content) {
      note_block_losses(block, losses);
      for (const Block& inner : block.content)
        note_block_losses(inner, losses);
    }
  }
  gone(!request.user_id.empty() || !request.metadata_rest.empty(), "metadata");
  gone(!request.service_tier.empty(), "service_tier");
  gone(!request.speed.empty(), "speed");
  gone(!request.context_management.empty(), "context_management");
  lose_members("output_config.", request.output_config_rest, losses);
  lose_members("thinking.", request.thinking.rest, losses);
  lose_members("", request.rest, losses);
}

bool has_functions(const std::vector<model::Tool>& tools) {
  return std::any_of(tools.begin(), tools.end(),
                     [](const model::Tool& tool) { return tool.is_custom(); });
}

/// `in_words` is an output schema that has no field beside this model's tools.
void encode_system(const Encoding& encoding, const std::string& in_words, json::Writer& writer) {
  std::vector<std::string_view> texts;
  for (const Block& block : encoding.request.system) {
    if (block.kind != BlockKind::kText) {
      encoding.lose("system content " + block.type);
    } else if (!block.text.empty()) {
      texts.push_back(block.text);
    }
  }
  std::string shape;
  if (!in_words.empty()) {
    shape = "Give your final answer as JSON alone, valid by this schema: " + in_words;
    texts.push_back(shape);
  }
  if (texts.empty()) return;
  writer.key("systemInstruction").begin_object().member("role", "user");
  writer.key("parts").begin_array();
  for (const std::string_view text : texts)
    writer.begin_object().member("text", text).end_object();
  writer.end_array().end_object();
}

Status encode_body(const Encoding& encoding, json::Writer& writer) {
  Translation& translation = encoding.translation;
  std::string schema = output_schema(encoding);
  std::string in_words;
  const bool takes_schema = translation.facts.structured_output != false &&
                            (encoding.line.schema_beside_tools || !has_functions(encoding.tools));
  if (!schema.empty() && !takes_schema) {
    in_words = std::exchange(schema, {});
    translation.losses.add(model::LossKind::kDropped, "output_config.format -> instruction");
  }
  encode_system(encoding, in_words, writer);
  // The order in which prefixes are cached: what stays the same comes first.
  if (Status status = encode_tools(encoding, writer); !status.ok()) return status;
  if (Status status = encode_contents(encoding, writer); !status.ok()) return status;
  // AI Studio's counter takes what makes the prompt and nothing else.
  const bool counting = translation.operation == Operation::kCountTokens;
  if (!counting) encode_generation_config(encoding, writer, schema);
  return Status();
}

}  // namespace

bool Encoding::refuses(std::string_view member) const {
  return std::any_of(
      translation.lessons.begin(), translation.lessons.end(), [&](const model::Lesson& lesson) {
        return lesson.kind == model::LessonKind::kDropField && lesson.value == member;
      });
}

void Encoding::lose(std::string what) const {
  translation.losses.add(model::LossKind::kDropped, std::move(what));
}

void lose_members(std::string_view prefix, std::string_view members, model::Losses& losses) {
  if (members.empty()) return;
  const std::string text = "{" + std::string(members) + "}";
  json::Document document;
  const auto parsed = document.parse(text);
  if (!parsed.ok()) return;
  for (const json::Member member : parsed.value().members()) {
    const json::Value value = member.value;
    // These say what their absence says.
    if (value.is_null() || value.boolean() == false) continue;
    if ((value.is_array() || value.is_object()) && value.size() == 0) continue;
    losses.add(model::LossKind::kDropped, std::string(prefix).append(member.key));
  }
}

Status encode_request(const model::Request& request, Translation& translation, std::string& out) {
  note_wishes(request, translation);
  note_losses(request, translation.losses);
  model::Request repaired = without_tools(request);
  const bool all_functions = std::all_of(request.tools.begin(), request.tools.end(),
                                         [](const model::Tool& tool) { return tool.is_custom(); });
  if (!all_functions) {
    repaired.tools = request.tools;
    describe_client_tools(repaired, translation.losses);
  }
  RepairRules repairs;
  repairs.tool_id_bytes_max = translation.traits.tool_id_bytes_max;
  repairs.merge_turns = true;
  repairs.system_in_place = false;
  repair(repaired, repairs, translation.losses);
  ToolNameRules names;
  names.bytes_max = translation.traits.tool_name_bytes_max;
  names.dots_and_colons = true;
  names.starts_with_letter = true;
  map_tool_names(request, names, translation);

  const Encoding encoding{repaired, all_functions ? request.tools : repaired.tools, translation,
                          model_line(translation.target_model)};
  json::Writer writer(out);
  writer.begin_object();
  const bool wrapped =
      translation.operation == Operation::kCountTokens && translation.traits.name != kVertex;
  if (wrapped) {
    // Beside bare contents the counter takes nothing; whole requests count whole.
    writer.key("generateContentRequest").begin_object();
    std::string model = translation.target_model;
    if (!model.starts_with("models/")) model.insert(0, "models/");
    writer.member("model", model);
  }
  if (Status status = encode_body(encoding, writer); !status.ok()) return status;
  if (wrapped) writer.end_object();
  writer.end_object();
  return Status();
}

}  // namespace tollgate::dialects::gemini_generate
