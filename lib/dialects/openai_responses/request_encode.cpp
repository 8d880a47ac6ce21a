#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "dialects/openai_responses/parts.hpp"
#include "dialects/openai_responses/request_parts.hpp"
#include "dialects/openai_tools.hpp"
#include "dialects/repair.hpp"
#include "dialects/tool_names.hpp"
#include "json/walk.hpp"

namespace tollgate::dialects::openai_responses {
namespace {

using model::LossKind;
using model::Request;
using model::ToolChoiceKind;

constexpr int64_t kOutputTokensMin = 16;
constexpr int64_t kRoomTokensMin = 1024;
constexpr int64_t kRoomTokensSpare = 256;

std::optional<int64_t> taught_number(const Translation& translation, model::LessonKind kind) {
  const std::string* taught = model::find_lesson(translation.lessons, kind);
  if (taught == nullptr) return std::nullopt;
  int64_t value = 0;
  const auto read = std::from_chars(taught->data(), taught->data() + taught->size(), value);
  return read.ec == std::errc() && value > 0 ? std::optional<int64_t>(value) : std::nullopt;
}

/// The text of one of some raw members; empty when it is not there.
std::string raw_member(const std::string& members, std::string_view name) {
  const std::string object = "{" + members + "}";
  const auto span = json::find_span(object, {name});
  return span ? object.substr(span->offset, span->size) : std::string();
}

bool is_list(std::string_view json) {
  return json.starts_with("[") && json.find('"') != std::string_view::npos;
}

/// One request on its way out.
class RequestWriter {
 public:
  /// `asked` is the same request before its repair, which has the tools.
  RequestWriter(const Request& request, const Request& asked, Translation& translation,
                std::string& out)
      : request_(request), asked_(asked), translation_(translation), writer_(out) {}

  Status write();

 private:
  bool generates() const { return translation_.operation == Operation::kGenerate; }
  void lose(std::string what) { translation_.losses.add(LossKind::kDropped, std::move(what)); }
  Status check() const;
  Status check_search() const;
  void write_instructions();
  void write_output_limit();
  void write_tools();
  void write_web_search(const model::Tool& tool);
  void write_tool_choice();
  void write_reasoning();
  void write_include();
  void write_sampling(std::string_view name, std::optional<double> value);
  void write_format();
  void write_tier();
  void note_rest();

  const Request& request_;
  const Request& asked_;
  Translation& translation_;
  json::Writer writer_;
  OpenaiTools tools_;
  ReasoningPlan reasoning_;
};

/// What a client asks for and cannot have; everything else is left out and noted.
Status RequestWriter::check() const {
  if (!raw_member(request_.rest, "mcp_servers").empty()) {
    return invalid("mcp_servers is not available on this model: connect them to the client.");
  }
  if (!generates() || request_.messages.empty()) return Status();
  const model::Message& last = request_.messages.back();
  if (last.role != model::Role::kAssistant) return Status();
  return invalid(
      "This model does not support assistant message prefill. The conversation must end with a "
      "user message.");
}

Status RequestWriter::check_search() const {
  if (tools_.web_search == nullptr || translation_.traits.name == "xai") return Status();
  if (!is_list(raw_member(tools_.web_search->rest, "blocked_domains"))) return Status();
  return invalid("web_search with blocked_domains is not available on this model.");
}

Status RequestWriter::write() {
  if (Status status = check(); !status.ok()) return status;
  Result<OpenaiTools> tools = openai_tools(asked_, translation_, true);
  if (!tools.ok()) return tools.status();
  tools_ = std::move(tools.value());
  if (Status status = check_search(); !status.ok()) return status;
  reasoning_ = plan_reasoning(request_, translation_);
  translation_.stop_sequences = request_.stop_sequences;

  writer_.begin_object();
  writer_.member("model",
                 translation_.target_model.empty() ? request_.model : translation_.target_model);
  write_instructions();
  if (Status status = write_input(request_, translation_, writer_.key("input")); !status.ok()) {
    return status;
  }
  write_tools();
  write_tool_choice();
  write_reasoning();
  write_format();
  if (generates()) {
    write_output_limit();
    write_include();
    write_sampling("temperature", request_.temperature);
    write_sampling("top_p", request_.top_p);
    write_identity(request_, translation_, writer_);
    write_tier();
    if (!is_refused(translation_, "store")) writer_.member("store", false);
    if (request_.stream) {
      writer_.member("stream", true);
      if (translation_.traits.obfuscation_switch && !is_refused(translation_, "stream_options")) {
        writer_.key("stream_options").begin_object();
        writer_.member("include_obfuscation", false).end_object();
      }
    }
  }
  writer_.end_object();
  note_rest();
  return Status();
}

void RequestWriter::write_instructions() {
  std::string text;
  for (const model::Block& block : request_.system) {
    if (block.cache) lose("cache_control");
    if (block.kind != model::BlockKind::kText || block.text.empty()) continue;
    if (!text.empty()) text += "\n\n";
    text += block.text;
  }
  if (!tools_.system_text.empty()) {
    if (!text.empty()) text += "\n\n";
    text += tools_.system_text;
  }
  if (!text.empty()) writer_.member("instructions", text);
}

void RequestWriter::write_output_limit() {
  if (!request_.max_tokens) return;
  const model::ModelFacts& facts = translation_.facts;
  const int64_t wanted = *request_.max_tokens;
  int64_t limit = wanted;
  const int64_t most =
      taught_number(translation_, model::LessonKind::kOutputMax).value_or(facts.output_tokens_max);
  if (most > 0) limit = std::min(limit, most);
  const int64_t window =
      taught_number(translation_, model::LessonKind::kContextWindow).value_or(facts.context_window);
  if (window > 0) {
    const int64_t prompt = translation_.input_tokens_estimate;
    const int64_t room = window - prompt - prompt / 10 - kRoomTokensSpare;
    limit = std::min(limit, std::max(room, kRoomTokensMin));
  }
  limit = std::max({limit, facts.output_tokens_min, kOutputTokensMin});
  if (limit != wanted) {
    translation_.losses.add(LossKind::kClamped, "max_tokens " + std::to_string(wanted) + " -> " +
                                                    std::to_string(limit));
  }
  writer_.member("max_output_tokens", limit);
}

void RequestWriter::write_tools() {
  if (tools_.functions.empty() && tools_.web_search == nullptr) return;
  writer_.key("tools").begin_array();
  for (const OpenaiTool& tool : tools_.functions) {
    writer_.begin_object().member("type", "function").member("name", tool.name);
    if (!tool.description.empty()) writer_.member("description", tool.description);
    writer_.raw_member("parameters", tool.parameters);
    // Left out, the service makes schemas strict by itself, and the model invents values.
    if (translation_.traits.strict_tools && !is_refused(translation_, "strict")) {
      writer_.member("strict", tool.strict);
    }
    writer_.end_object();
  }
  if (tools_.web_search != nullptr) write_web_search(*tools_.web_search);
  writer_.end_array();
}

void RequestWriter::write_web_search(const model::Tool& tool) {
  const std::string allowed = raw_member(tool.rest, "allowed_domains");
  const std::string blocked = raw_member(tool.rest, "blocked_domains");
  writer_.begin_object().member("type", "web_search");
  if (is_list(allowed) || is_list(blocked)) {
    writer_.key("filters").begin_object();
    if (is_list(allowed)) writer_.raw_member("allowed_domains", allowed);
    if (is_list(blocked)) writer_.raw_member("excluded_domains", blocked);
    writer_.end_object();
  }
  const std::string location = raw_member(tool.rest, "user_location");
  if (location.starts_with("{")) writer_.raw_member("user_location", location);
  writer_.end_object();
}

void RequestWriter::write_tool_choice() {
  if (!request_.tool_choice || (tools_.functions.empty() && tools_.web_search == nullptr)) return;
  const model::ToolChoice& choice = *request_.tool_choice;
  translation_.single_tool_call = choice.disable_parallel;
  const bool taken =
      translation_.traits.named_tool_choice && !is_refused(translation_, "tool_choice");
  if (!taken && choice.kind != ToolChoiceKind::kAuto) {
    lose("tool_choice");
  } else if (choice.kind == ToolChoiceKind::kAny) {
    writer_.member("tool_choice", "required");
  } else if (choice.kind == ToolChoiceKind::kNone) {
    writer_.member("tool_choice", "none");
  } else if (choice.kind == ToolChoiceKind::kTool) {
    writer_.key("tool_choice").begin_object();
    if (tools_.web_search != nullptr && tools_.web_search->name == choice.name) {
      writer_.member("type", "web_search");
    } else {
      writer_.member("type", "function");
      writer_.member("name", translation_.upstream_tool_name(choice.name));
    }
    writer_.end_object();
  }
  if (!choice.disable_parallel) return;
  if (translation_.facts.takes_parallel_switch &&
      !is_refused(translation_, "parallel_tool_calls")) {
    writer_.member("parallel_tool_calls", false);
  }
}

void RequestWriter::write_reasoning() {
  if (!reasoning_.ask) return;
  writer_.key("reasoning").begin_object();
  if (!reasoning_.effort.empty()) writer_.member("effort", reasoning_.effort);
  if (reasoning_.summary) writer_.member("summary", "auto");
  writer_.end_object();
}

void RequestWriter::write_include() {
  const bool sources = tools_.web_search != nullptr;
  if (is_refused(translation_, "include") || (!sources && !reasoning_.carry)) return;
  writer_.key("include").begin_array();
  if (reasoning_.carry) writer_.string("reasoning.encrypted_content");
  if (sources) writer_.string("web_search_call.action.sources");
  writer_.end_array();
  if (sources && tools_.web_search->max_uses && !is_refused(translation_, "max_tool_calls")) {
    writer_.member("max_tool_calls", *tools_.web_search->max_uses);
  }
}

void RequestWriter::write_sampling(std::string_view name, std::optional<double> value) {
  if (!value || !std::isfinite(*value)) return;
  // Where reasoning can be switched off, sampling is taken only when it is.
  const auto& efforts = translation_.facts.efforts;
  const bool switchable = std::find(efforts.begin(), efforts.end(), "none") != efforts.end();
  const bool silent = reasoning_.effort == "none";
  const bool taken =
      (translation_.facts.takes_sampling || silent) && !(switchable && reasoning_.reasons);
  if (!taken || is_refused(translation_, name)) {
    // The default said aloud is no loss.
    if (*value != 1.0) lose(std::string(name));
    return;
  }
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), *value).ptr;
  writer_.raw_member(name, {digits.data(), static_cast<size_t>(end - digits.data())});
}

void RequestWriter::write_format() {
  if (request_.output_schema.empty()) return;
  writer_.key("text").begin_object().key("format").begin_object();
  writer_.member("type", "json_schema").member("name", "output");
  writer_.raw_member("schema", request_.output_schema);
  writer_.member("strict", is_strict_clean(request_.output_schema));
  writer_.end_object().end_object();
}

void RequestWriter::write_tier() {
  if (request_.service_tier.empty() || request_.service_tier == "auto") return;
  const bool taken = translation_.traits.service_tier && !is_refused(translation_, "service_tier");
  if (taken && request_.service_tier == "standard_only") {
    writer_.member("service_tier", "default");
  } else {
    lose("service_tier " + request_.service_tier);
  }
}

void RequestWriter::note_rest() {
  if (request_.top_k) lose("top_k");
  if (!request_.speed.empty()) lose("speed");
  if (!request_.context_management.empty()) lose("context_management");
  if (!request_.output_config_rest.empty()) lose("output_config (other members)");
  if (!request_.metadata_rest.empty()) lose("metadata (other members)");
  if (!request_.user_id.empty() && !translation_.traits.identity_fields) lose("metadata.user_id");
  if (request_.rest.empty()) return;
  const std::string members = "{" + request_.rest + "}";
  json::Document document;
  const Result<json::Value> parsed = document.parse(members);
  if (!parsed.ok()) return;
  for (const json::Member member : parsed.value().members())
    lose(std::string(member.key));
}

}  // namespace

Status encode_request(const Request& request, Translation& translation, std::string& out) {
  Request repaired = without_tools(request);
  RepairRules rules;
  rules.tool_id_bytes_max = translation.traits.tool_id_bytes_max;
  rules.merge_turns = translation.traits.merge_turns;
  rules.system_in_place = translation.traits.system_in_place;
  repair(repaired, rules, translation.losses);
  ToolNameRules names;
  names.bytes_max = translation.traits.responses_tool_name_bytes_max;
  map_tool_names(request, names, translation);
  return RequestWriter(repaired, request, translation, out).write();
}

}  // namespace tollgate::dialects::openai_responses
